"""People reached by screens, loudspeakers and posts are counted apart from those who stood there (R110)."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("activity_tally", "day_tally"):
        op.add_column(table, sa.Column("reach", WHOLE, nullable=False, server_default="0"))
