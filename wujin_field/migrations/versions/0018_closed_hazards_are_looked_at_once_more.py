"""Closed hazards are looked at once more: one in five is drawn with the batch of its week."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "hazard_audit",
        sa.Column("id", ID, primary_key=True),
        sa.Column("batch_id", ID, sa.ForeignKey("batch.id"), nullable=False, index=True),
        sa.Column("hazard_id", ID, sa.ForeignKey("hazard.id"), nullable=False, index=True),
        sa.Column("step_id", ID, sa.ForeignKey("hazard_step.id"), nullable=False, unique=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_by_id", ID, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
    )
