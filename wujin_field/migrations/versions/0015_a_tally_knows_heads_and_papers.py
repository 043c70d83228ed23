"""A tally knows heads and papers: the half-year table reads no record. They are counted anew under the new rules."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for name in ("heads", "papers", "needs"):
        op.add_column("activity_tally", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
