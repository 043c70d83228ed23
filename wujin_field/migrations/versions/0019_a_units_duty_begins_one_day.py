"""A unit's duty begins one day: nothing is asked of it for the time before."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("unit", sa.Column("begun_on", sa.Date()))
