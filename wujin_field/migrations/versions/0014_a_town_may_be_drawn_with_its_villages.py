"""A town may be drawn with its villages: their outlines lie under the dots."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "outline",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("town_id", sa.Uuid(as_uuid=False), sa.ForeignKey("area.id"), nullable=False),
        sa.Column("area_id", sa.Uuid(as_uuid=False), sa.ForeignKey("area.id")),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("polygons", sa.JSON(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(as_uuid=False), nullable=False),
    )
    op.create_index("ix_outline_town_id", "outline", ["town_id"])
    op.create_index("ix_outline_area_id", "outline", ["area_id"])
