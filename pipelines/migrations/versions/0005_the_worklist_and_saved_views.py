"""The worklist and saved views"""

import sqlalchemy as sa
from alembic import op

from pipelines.store import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "work_items",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(_text(name) for name in ("task", "entity_id", "status", "assignee", "band")),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("due_on", "snoozed_until")),
        *(_moment(name) for name in ("as_of", "created_at", "updated_at")),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("task", "entity_id"),
    )
    op.create_index("ix_work_items_status", "work_items", ["status"])
    op.create_index("ix_work_items_assignee", "work_items", ["assignee"])
    op.create_table(
        "work_notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "item_id", sa.Integer(), sa.ForeignKey("work_items.id", ondelete="CASCADE"), nullable=False
        ),
        _moment("at"),
        _text("who"),
        _text("action"),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("ix_work_notes_item_id", "work_notes", ["item_id"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(_text(name) for name in ("page", "name", "who")),
        sa.Column("address", sa.Text(), nullable=False),
        _moment("at"),
        sa.UniqueConstraint("page", "name"),
    )
    op.create_index("ix_saved_views_page", "saved_views", ["page"])


def downgrade() -> None:
    for table in ("saved_views", "work_notes", "work_items"):
        op.drop_table(table)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=False)
