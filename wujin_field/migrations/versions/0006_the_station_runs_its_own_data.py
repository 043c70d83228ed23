"""The station runs its own data: amendments to the pack, who changed what, sheets, equipment, doubts about posters."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "equipment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("venue_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("spot", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("serviced_on", sa.Date(), nullable=True),
        sa.Column("seen_ok_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_equipment_venue_id", "equipment", ["venue_id"])

    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("table_name", "code", "version"),
    )
    op.create_table(
        "code_doubt",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["code_id"], ["venue_code.id"]),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_code_doubt_code_id", "code_doubt", ["code_id"])

    op.create_table(
        "code_scan",
        sa.Column("code_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["venue_code.id"]),
        sa.PrimaryKeyConstraint("code_id", "day"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("who_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["who_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "record_change",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["who_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_record_change_import_id", "record_change", ["import_id"])
    op.create_index("record_change_of", "record_change", ["kind", "subject_id", "revision"])

    op.create_table(
        "sheet_import",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("who_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("imported_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["who_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("person", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))

    op.add_column("venue", sa.Column("opening", sa.Text(), server_default="", nullable=False))
    op.add_column("venue", sa.Column("keeper", sa.Text(), server_default="", nullable=False))
    op.add_column("venue", sa.Column("team_size", sa.Integer(), nullable=True))
    op.add_column("venue", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
