"""An activity holds what its form or kind is asked beside the usual: speakers, the case told, places, materials out and back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("activity", sa.Column("asked", sa.JSON(), nullable=False, server_default="{}"))
