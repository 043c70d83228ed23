"""An activity may also serve another programme: the desk labels it (R69)."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "activity_programme",
        sa.Column("activity_id", ID, sa.ForeignKey("activity.id"), primary_key=True),
        sa.Column("programme", sa.Text(), primary_key=True),
    )
