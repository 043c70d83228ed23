"""People have seen what was told: which version of which text, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "consent_seen",
        sa.Column("person_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("consent", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
