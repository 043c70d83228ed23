"""Small records have their registers: an entry, the units it names, its steps and its files."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "register_entry",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("venue_id", sa.Uuid(as_uuid=False), sa.ForeignKey("venue.id")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("void_reason", sa.Text()),
    )
    op.create_index("register_by_day", "register_entry", ["kind", "day"])
    op.create_index("ix_register_entry_unit_id", "register_entry", ["unit_id"])
    op.create_index("ix_register_entry_venue_id", "register_entry", ["venue_id"])
    op.create_table(
        "register_unit",
        sa.Column("entry_id", sa.Uuid(as_uuid=False), sa.ForeignKey("register_entry.id"), primary_key=True),
        sa.Column("field", sa.Text(), primary_key=True),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), sa.ForeignKey("unit.id"), primary_key=True),
    )
    op.create_index("ix_register_unit_unit_id", "register_unit", ["unit_id"])
    op.create_table(
        "register_step",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), sa.ForeignKey("register_entry.id"), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_by_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_register_step_entry_id", "register_step", ["entry_id"])
    op.create_table(
        "register_file",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), sa.ForeignKey("register_entry.id"), nullable=False),
        sa.Column("sha256", sa.String(length=64), sa.ForeignKey("photo.sha256"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger()),
        sa.Column("downloads", sa.Integer(), nullable=False),
    )
    op.create_index("ix_register_file_entry_id", "register_file", ["entry_id"])
    op.create_index("ix_register_file_sha256", "register_file", ["sha256"])
