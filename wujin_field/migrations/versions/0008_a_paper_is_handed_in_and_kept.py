"""A paper is handed in and kept as it was; the superior's own forms; keys for another platform."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def key() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def ref(name: str, to: str, index: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{to}.id"), nullable=False, index=index)


def upgrade() -> None:
    op.create_table(
        "report",
        key(),
        sa.Column("kind", sa.Text(), nullable=False),
        ref("unit_id", "unit", index=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=False),
        ref("edited_by_id", "person"),
        sa.Column("content", sa.JSON()),
        sa.Column("digest", sa.String(64)),
        sa.Column("code", sa.Text(), unique=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("paper_at", sa.Date()),
        sa.Column("electronic_at", sa.Date()),
        sa.UniqueConstraint("kind", "unit_id", "period", "about", "version"),
    )
    op.create_table(
        "report_step",
        key(),
        ref("report_id", "report", index=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        ref("by_id", "person"),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "paper_form",
        key(),
        ref("unit_id", "unit", index=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        ref("uploaded_by_id", "person"),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "api_token",
        key(),
        ref("unit_id", "unit", index=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        ref("made_by_id", "person"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
    )
