"""Units have score sheets: versions that stay once published."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "score_sheet",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("frozen", sa.JSON()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("published_by_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id")),
        sa.UniqueConstraint("unit_id", "period", "version"),
    )
    op.create_index("ix_score_sheet_unit_id", "score_sheet", ["unit_id"])
