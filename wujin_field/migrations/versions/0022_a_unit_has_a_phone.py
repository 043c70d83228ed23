"""A unit has a phone: where people turn to, printed where the forms ask for it (R164)."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("unit", sa.Column("phone", sa.Text(), nullable=False, server_default=""))
