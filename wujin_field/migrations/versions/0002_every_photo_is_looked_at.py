"""every photo is looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name, column, where in (
        ("ix_photo_unexamined", "received_at", "examined_at IS NULL"),
        ("ix_photo_fault", "fault", "fault IS NOT NULL"),
    ):
        op.create_index(name, "photo", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
