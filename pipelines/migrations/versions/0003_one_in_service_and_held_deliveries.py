"""One model version in service per task, kept by the database; who released a held delivery"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # What two promotions at once may have left: the newest serves.
    op.execute(
        "UPDATE model_versions SET state = 'retired' WHERE state = 'in_service' AND id NOT IN "
        "(SELECT max(id) FROM model_versions WHERE state = 'in_service' GROUP BY task)"
    )
    serving = sa.text("state = 'in_service'")
    op.create_index(
        "one_in_service",
        "model_versions",
        ["task"],
        unique=True,
        sqlite_where=serving,
        postgresql_where=serving,
    )
    op.add_column("deliveries", sa.Column("released_by", sa.String(), nullable=False, server_default=""))
