"""Subscriptions of accounts with formats, calendars and conditions; notices; the archive; suppressions"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pipelines.store import UtcDateTime

revision = "0004"
down_revision = "0003"

# What unnamed constraints are called while SQLite makes the table anew.
_NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def upgrade() -> None:
    with op.batch_alter_table("subscriptions", naming_convention=_NAMES) as table:
        _drop_unique(table, "subscriptions", ["email", "report"])
        for name in ("account", "reference", "calendar", "cut"):
            table.add_column(_text(name, ""))
        table.add_column(_text("on_holiday", "skip"))
        table.add_column(_text("catch_up", "latest"))
        for name in ("only_if", "formats"):
            table.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(_moment("confirmed_at"))
        table.create_unique_constraint("one_of_a_kind", ["account", "email", "report", "cut"])
        table.create_index("ix_subscriptions_account", ["account"])
        table.create_index("ix_subscriptions_email", ["email"])
    numbered = sa.text("reference <> ''")
    op.create_index(
        "one_of_a_reference",
        "subscriptions",
        ["account", "reference"],
        unique=True,
        sqlite_where=numbered,
        postgresql_where=numbered,
    )
    with op.batch_alter_table("deliveries", naming_convention=_NAMES) as table:
        _drop_unique(table, "deliveries", ["subscription_id", "period"])
        table.add_column(_text("kind", "issue"))
        for name in ("account", "issue_key", "digest", "held_for"):
            table.add_column(_text(name, ""))
        for name in ("not_before", "sent_at", "bounced_at"):
            table.add_column(_moment(name))
        table.add_column(sa.Column("size", sa.Integer(), nullable=True))
        table.create_unique_constraint("once", ["subscription_id", "period", "kind"])
        table.create_index("ix_deliveries_message_id", ["message_id"])
        table.create_index("ix_deliveries_issue_key", ["issue_key"])
        table.create_index("deliveries_by_account", ["account", "sent_at"])
        table.create_index("deliveries_by_period", ["period"])
    op.execute("UPDATE deliveries SET held_for = 'data' WHERE state = 'held'")
    op.execute("UPDATE deliveries SET sent_at = updated_at WHERE state = 'sent'")
    op.create_table(
        "issues",
        sa.Column("key", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("report", "title", "language", "role")),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("period", UtcDateTime(timezone=True), nullable=False),
        sa.Column("as_of", UtcDateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_issues_report", "issues", ["report"])
    op.create_table(
        "suppressions",
        sa.Column("email", sa.String(), primary_key=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False, unique=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "email", "status")),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_bounces_email", "bounces", ["email"])
    op.create_table(
        "paces",
        sa.Column("server", sa.String(), primary_key=True),
        sa.Column("free_at", UtcDateTime(timezone=True), nullable=False),
    )


def _drop_unique(table: Any, name: str, columns: list[str]) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    known = f"uq_{name}_{columns[0]}" if is_sqlite else f"{name}_{'_'.join(columns)}_key"
    table.drop_constraint(known, type_="unique")


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=True)
