"""The operational store: what must be unique or transactional (models, subscriptions, deliveries, runs).

SQLite in the home folder by default, PostgreSQL by `SDA_DATABASE`. The schema is kept by Alembic
(`pipelines/migrations`) and brought up to date when a process first opens the store.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import (
    JSON,
    DateTime,
    Engine,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from connectors.errors import UsageError
from pipelines.settings import Settings, writable_home


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored as UTC and given back in UTC: SQLite knows no zone, PostgreSQL tells it in its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        # A moment without a zone is UTC here, as everywhere, not the zone of the machine.
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC) if value else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)) if value else value


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON, str: String}  # noqa: RUF012


class ModelVersion(Base):
    """One trained model. At most one version of a task is `in_service`: the database sees to it."""

    __tablename__ = "model_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    state: Mapped[str]  # candidate | in_service | retired | rejected
    created_at: Mapped[datetime] = mapped_column(default=now)
    snapshot_id: Mapped[int]
    path: Mapped[str]  # relative to the home folder, so that a moved home opens again
    checksum: Mapped[str]
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rows: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("task", "version"),
        Index(
            "one_in_service",
            "task",
            unique=True,
            sqlite_where=text("state = 'in_service'"),
            postgresql_where=text("state = 'in_service'"),
        ),
    )


class Feedback(Base):
    """What a person says came of a prediction. The newest of a case counts; earlier ones are kept."""

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(index=True)
    entity_id: Mapped[str]
    as_of: Mapped[datetime]  # of the prediction
    verdict: Mapped[str]  # right | wrong | outcome
    outcome: Mapped[str | None] = mapped_column(default=None)  # as the task's labels; None: not known
    model_version: Mapped[str] = mapped_column(default="")  # that predicted it
    who: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("feedback_by_case", "task", "entity_id", "as_of"),)


class WorkItem(Base):
    """One case that somebody looks after: at most one item a case (what was done: `WorkNote`)."""

    __tablename__ = "work_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    entity_id: Mapped[str]
    status: Mapped[str] = mapped_column(default="open", index=True)  # open | returned | doing | done
    assignee: Mapped[str] = mapped_column(default="", index=True)
    due_on: Mapped[date | None] = mapped_column(default=None)
    snoozed_until: Mapped[date | None] = mapped_column(default=None)  # not shown before that day
    as_of: Mapped[datetime]  # of the prediction it was made or last taken up on
    score: Mapped[float | None] = mapped_column(default=None)
    band: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str | None] = mapped_column(default=None)  # as the task's labels; done without: not known
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (UniqueConstraint("task", "entity_id"),)


class WorkNote(Base):
    """What somebody did with a work item (`action`) or wrote about it, in order."""

    __tablename__ = "work_notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_items.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    who: Mapped[str] = mapped_column(default="")
    action: Mapped[str]  # taken | assigned | note | snoozed | due | done | reopened | returned
    text: Mapped[str] = mapped_column(Text, default="")


class SavedView(Base):
    """A view of a page that somebody named, to come back to: `address` is what follows the `?`."""

    __tablename__ = "saved_views"
    id: Mapped[int] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("page", "name"),)


class Check(Base):
    """One look at a model in service: has what it is fed drifted, do its predictions still come true?"""

    __tablename__ = "checks"
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    as_of: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(default=now)
    verdict: Mapped[str]  # fine | watch | act
    summary: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Subscription(Base):
    """One recipient of one report, cut by `attributes`; `cut` is their text, "" for none.

    `schedule` is cron in the wall time of `timezone`, or `@data`: as soon as there are fresh data.
    """

    __tablename__ = "subscriptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(default="", index=True)  # "" for the house itself
    reference: Mapped[str] = mapped_column(default="")  # the account's own number for it
    email: Mapped[str] = mapped_column(index=True)
    report: Mapped[str] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(default="en")
    timezone: Mapped[str] = mapped_column(default="UTC")
    schedule: Mapped[str]
    calendar: Mapped[str] = mapped_column(default="")  # of business days; "" for every day
    on_holiday: Mapped[str] = mapped_column(default="skip")  # skip | next (business day)
    catch_up: Mapped[str] = mapped_column(default="latest")  # latest | all: what is sent after downtime
    only_if: Mapped[list[str]] = mapped_column(default=list)
    formats: Mapped[list[str]] = mapped_column(default=list)  # of the files that come with the mail
    role: Mapped[str] = mapped_column(default="subscriber")
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # parameter -> values
    cut: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="active")  # pending | active | paused | cancelled
    created_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)  # by the reader (double opt-in)
    __table_args__ = (
        UniqueConstraint("account", "email", "report", "cut"),
        Index(
            "one_of_a_reference",
            "account",
            "reference",
            unique=True,
            sqlite_where=text("reference <> ''"),
            postgresql_where=text("reference <> ''"),
        ),
    )


class Delivery(Base):
    """One mail to one subscriber: `period` is the scheduled moment an issue was due.

    Besides issues there are short notices (an issue is held, a plan has ended) and confirmations (double
    opt-in): at most one of each for a period.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    period: Mapped[datetime]
    kind: Mapped[str] = mapped_column(default="issue")  # issue | notice | confirmation
    state: Mapped[str] = mapped_column(default="queued", index=True)
    account: Mapped[str] = mapped_column(default="")  # whom it is metered to
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    not_before: Mapped[datetime | None] = mapped_column(default=None)  # of the next try
    message_id: Mapped[str] = mapped_column(default="", index=True)
    answer: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    issue_key: Mapped[str] = mapped_column(default="", index=True)  # of the issue in the archive
    snapshot_id: Mapped[int | None] = mapped_column(default=None)
    model_version: Mapped[str] = mapped_column(default="")
    size: Mapped[int | None] = mapped_column(default=None)  # bytes of the mail
    digest: Mapped[str] = mapped_column(default="")  # SHA-256 of the mail as it left
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    bounced_at: Mapped[datetime | None] = mapped_column(default=None)
    held_for: Mapped[str] = mapped_column(default="")  # data | plan: what a held issue waits for
    released_by: Mapped[str] = mapped_column(default="")  # who sent it although it was held
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    __table_args__ = (
        UniqueConstraint("subscription_id", "period", "kind"),
        Index("deliveries_by_account", "account", "sent_at"),
        Index("deliveries_by_period", "period"),
    )


class ArchivedIssue(Base):
    """One rendered issue, kept as it was sent: for all who saw the same. `path` is relative to the home."""

    __tablename__ = "issues"
    key: Mapped[str] = mapped_column(primary_key=True)
    report: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    language: Mapped[str]
    role: Mapped[str]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    period: Mapped[datetime]
    as_of: Mapped[datetime]
    snapshot_id: Mapped[int]
    model_version: Mapped[str] = mapped_column(default="")
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)  # its figures by name (`Report.values`)
    path: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Suppression(Base):
    """An address that nothing is sent to any more: it bounced for good, complained, or a person said so."""

    __tablename__ = "suppressions"
    email: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]  # bounce | complaint | person
    detail: Mapped[str] = mapped_column(Text, default="")
    delivery_id: Mapped[int | None] = mapped_column(default=None)
    at: Mapped[datetime] = mapped_column(default=now)


class BounceNote(Base):
    """What came back on a mail: a mail server's report, a reader's complaint, or a refusal at the door.

    `digest` is that of the message that told it, so that each is taken in once.
    """

    __tablename__ = "bounces"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # hard | soft | delayed | complaint | none: nothing that concerns a mail of ours
    email: Mapped[str] = mapped_column(default="", index=True)
    delivery_id: Mapped[int | None] = mapped_column(default=None)
    status: Mapped[str] = mapped_column(default="")  # enhanced status code (RFC 3463)
    answer: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)


class Pace(Base):
    """When a mail server may be given the next mail, where its rate is limited."""

    __tablename__ = "paces"
    server: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]


class Run(Base):
    """One run of a flow or a command, for «is everything healthy» and «what has not run»."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default="running")  # running | done | failed
    detail: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index("runs_by_flow", "flow", "started_at"),)


class Notice(Base):
    """Something a person should know: shown on the home page until resolved, mailed to the owner."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]  # schema_change | load_failed | flow_failed | not_run | drift | model_damaged | ...
    about: Mapped[str] = mapped_column(default="")  # the source, table or flow concerned
    subject: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
    mailed_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)


class Audit(Base):
    """Who did what: exports, replays, rollbacks, changes of settings."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    who: Mapped[str]
    action: Mapped[str]
    detail: Mapped[str] = mapped_column(Text, default="")


class Store:
    """Sessions on the operational store of one home."""

    def __init__(self, settings: Settings) -> None:
        self.engine = _migrated(database_address(settings), settings.home)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it does not."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session


def database_address(settings: Settings) -> str:
    """The SQLAlchemy address of the store."""
    return settings.database or f"sqlite:///{settings.home / 'store.sqlite'}"


@cache
def _migrated(address: str, home: Path) -> Engine:
    writable_home(home)
    try:
        engine = create_engine(address, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise UsageError(
            "SDA_DATABASE is not the address of a database that is known here.",
            "Write postgresql+psycopg://…, or unset it for a file in the home folder.",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_manners)
    with FileLock(home / "store.lock"):
        _upgrade(engine)
    return engine


def _sqlite_manners(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != ScriptDirectory.from_config(config).get_current_head():
        config.attributes["engine"] = engine
        command.upgrade(config, "head")
