"""What the operational store knows of models: versions, checks of them, and what people said."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from pipelines.store import Check, Feedback, ModelVersion, Store


def in_service(store: Store) -> dict[str, ModelVersion]:
    """The version in service of each task that has one."""
    with store.session() as session:
        query = select(ModelVersion).where(ModelVersion.state == "in_service")
        return {version.task: version for version in session.scalars(query)}


def versions(store: Store, task: str) -> list[ModelVersion]:
    """All versions of a task, newest first."""
    with store.session() as session:
        query = select(ModelVersion).where(ModelVersion.task == task).order_by(ModelVersion.id.desc())
        return list(session.scalars(query))


def latest_check(store: Store, task: str, version: str, until: datetime | None = None) -> Check | None:
    """The newest check of a version, of data as of `until` at the latest (UTC); None where there was none."""
    query = select(Check).where(Check.task == task, Check.version == version)
    if until is not None:
        query = query.where(Check.as_of <= (until if until.tzinfo else until.replace(tzinfo=UTC)))
    with store.session() as session:
        return session.scalars(query.order_by(Check.as_of.desc(), Check.id.desc()).limit(1)).one_or_none()


def checks_in_service(store: Store) -> dict[str, Check]:
    """The newest check of each version in service that was checked, by task."""
    newest = select(func.max(Check.id)).group_by(Check.task, Check.version)
    query = (
        select(Check)
        .join(ModelVersion, (ModelVersion.task == Check.task) & (ModelVersion.version == Check.version))
        .where(Check.id.in_(newest), ModelVersion.state == "in_service")
    )
    with store.session() as session:
        return {check.task: check for check in session.scalars(query)}


def feedback_on(store: Store, task: str, entity_id: str) -> Sequence[Feedback]:
    """What people said of one case, newest first."""
    query = select(Feedback).where(Feedback.task == task, Feedback.entity_id == entity_id)
    with store.session() as session:
        return list(session.scalars(query.order_by(Feedback.id.desc())))
