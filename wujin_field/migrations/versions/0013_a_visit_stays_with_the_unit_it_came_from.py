"""A visit stays with the unit it came from: who changes unit takes no old visit along."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

UNIT_OF_AUTHOR = "UPDATE visit SET unit_id = (SELECT person.unit_id FROM person WHERE person.id = visit.author_id)"


def upgrade() -> None:
    op.add_column("visit", sa.Column("unit_id", sa.Uuid(as_uuid=False)))
    op.execute(UNIT_OF_AUTHOR)
