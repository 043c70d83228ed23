"""Findings are rows, visits are drawn in batches, a ruling may be a second or the rule's, checkpoints are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    _findings()
    _batches()
    _rulings()
    _trust()
    _examined()


def _ref(name: str, table: str, column: str = "id", nullable: bool = False) -> list:
    return [sa.Column(name, KEY, nullable=nullable), sa.ForeignKeyConstraint([name], [f"{table}.{column}"])]


def _key() -> list:
    return [sa.Column("id", KEY, nullable=False), sa.PrimaryKeyConstraint("id")]


def _findings() -> None:
    op.create_table(
        "finding", *_key(), *_ref("visit_id", "visit"),
        sa.Column("revision", sa.Integer(), nullable=False), sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False), sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False), sa.Column("rules", sa.String(16), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
    )  # fmt: skip
    op.create_index("finding_of_visit", "finding", ["visit_id", "revision"])
    op.create_index("finding_by_code", "finding", ["code", "made_at"])
    op.create_table(
        "visitor_answer", *_key(), *_ref("visit_id", "visit"), *_ref("finding_id", "finding", nullable=True),
        *_ref("ruling_id", "ruling", nullable=True), *_ref("person_id", "person"),
        sa.Column("text", sa.Text(), nullable=False), sa.Column("made_at", sa.BigInteger(), nullable=False),
    )  # fmt: skip
    _indexes("visitor_answer", "visit_id", "finding_id", "ruling_id")


def _batches() -> None:
    op.create_table(
        "batch", *_key(), sa.Column("number", sa.Text(), nullable=False), *_ref("unit_id", "unit"), *_ref("area_id", "area"),
        sa.Column("period", sa.Text(), nullable=False), sa.Column("draw_number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False), sa.Column("rules", sa.String(16), nullable=False),
        sa.Column("sample_digest", sa.String(64), nullable=False), sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        *_ref("drawn_by_id", "person", nullable=True), sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("number"), sa.UniqueConstraint("unit_id", "period", "draw_number"),
    )  # fmt: skip
    _indexes("batch", "unit_id", "area_id")
    op.create_table(
        "batch_visit", *_ref("batch_id", "batch"), *_ref("visit_id", "visit"),
        sa.Column("place", sa.Integer(), nullable=False), sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True), sa.Column("second", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "visit_id"),
    )  # fmt: skip
    op.create_index("batch_visit_of_visit", "batch_visit", ["visit_id"])
    op.create_table(
        "call_back", *_key(), *_ref("batch_id", "batch"), *_ref("visit_id", "visit"),
        sa.Column("due", sa.Date(), nullable=False), sa.Column("way", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True), sa.Column("note", sa.Text(), nullable=False),
        *_ref("done_by_id", "person", nullable=True), sa.Column("done_at", sa.BigInteger(), nullable=True),
    )  # fmt: skip
    _indexes("call_back", "batch_id", "visit_id")


def _rulings() -> None:
    with op.batch_alter_table("ruling") as table:
        table.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="first"))
        table.add_column(sa.Column("photo", sa.Text(), nullable=True))
        table.add_column(sa.Column("batch_id", KEY, nullable=True))
        table.create_foreign_key("fk_ruling_batch", "batch", ["batch_id"], ["id"])
        table.alter_column("decided_by_id", existing_type=KEY, nullable=True)


def _trust() -> None:
    op.create_table(
        "sealed_value", sa.Column("commitment", sa.String(64), primary_key=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False), sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
    )  # fmt: skip
    op.create_table(
        "checkpoint", *_key(), sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False), sa.Column("head", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "learnt_picture", sa.Column("dhash", sa.String(16), primary_key=True),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False), *_ref("learnt_by_id", "person", nullable=True),
    )  # fmt: skip
    _indexes("sealed_value", "subject_id")
    _indexes("checkpoint", "at")


def _examined() -> None:
    op.add_column("photo", sa.Column("pixels", sa.String(64), nullable=True))
    _indexes("photo", "pixels")
    op.add_column("visit", sa.Column("examined_at", sa.BigInteger(), nullable=True))
    new = sa.text("examined_at IS NULL")
    op.create_index("ix_visit_unexamined", "visit", ["received_at"], sqlite_where=new, postgresql_where=new)
    op.create_index("visit_by_author_time", "visit", ["author_id", "started_at"])


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])
