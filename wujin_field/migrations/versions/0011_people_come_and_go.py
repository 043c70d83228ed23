"""People come and go: teams, marks, passwords, who asks to be let in; what was set aside is decided."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    _teams()
    _sign_in()
    # Plain additions, no rebuilt tables: a large database is changed in a moment.
    op.add_column("device", sa.Column("signed_in_with", sa.Text(), nullable=False, server_default="link"))
    op.add_column("device", sa.Column("confirmed_at", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("revoked_by_id", ID, nullable=True))
    op.add_column("invite", sa.Column("kind", sa.Text(), nullable=False, server_default="link"))
    op.add_column("invite", sa.Column("number", sa.Text(), nullable=True))
    op.add_column("invite", sa.Column("wrong", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("set_aside", sa.Column("signature", sa.LargeBinary(), nullable=True))
    op.add_column("set_aside", sa.Column("decision", sa.Text(), nullable=True))
    op.add_column("set_aside", sa.Column("decided_at", sa.BigInteger(), nullable=True))
    op.add_column("set_aside", sa.Column("decided_by_id", ID, nullable=True))


def _teams() -> None:
    op.create_table(
        "team",
        sa.Column("id", ID, primary_key=True),
        sa.Column("unit_id", ID, sa.ForeignKey("unit.id"), nullable=False, index=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", ID, sa.ForeignKey("team.id"), primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id"), primary_key=True),
    )
    op.create_table(
        "person_mark",
        sa.Column("person_id", ID, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("mark", sa.Text(), primary_key=True),
    )


def _sign_in() -> None:
    op.create_table(
        "credential",
        sa.Column("person_id", ID, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("sign_in_name", sa.Text(), nullable=False, unique=True),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("totp_nonce", sa.Text(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("id", ID, primary_key=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("attempt_lately", "attempt", ["subject", "at"])
    op.create_table(
        "registration",
        sa.Column("id", ID, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("field_role", sa.Text(), nullable=False),
        sa.Column("unit_id", ID, sa.ForeignKey("unit.id"), nullable=False, index=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id"), nullable=True, index=True),
    )
