"""A hazard is followed to its end: its steps as rows, its number in the ledger, and who must hear of it at once."""

import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

YEAR_MS = 8 * 3600 * 1000  # the station's year begins eight hours before UTC's


def upgrade() -> None:
    op.add_column("hazard", sa.Column("station_id", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("hazard", sa.Column("year", sa.Integer(), nullable=True))
    op.add_column("hazard", sa.Column("number", sa.Integer(), nullable=True))
    op.create_index("hazard_number", "hazard", ["station_id", "year", "number"], unique=True)
    op.create_index("hazard_by_due", "hazard", ["due", "id"])
    op.create_index("hazard_by_found", "hazard", ["found_at", "id"])
    serious = sa.text("severity = 'serious'")
    op.create_index("hazard_serious", "hazard", ["severity"], sqlite_where=serious, postgresql_where=serious)
    op.create_table(
        "hazard_step",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("hazard_id", sa.Uuid(as_uuid=False), sa.ForeignKey("hazard.id"), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Uuid(as_uuid=False), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(64), nullable=True),
        sa.Column("visit_id", sa.Uuid(as_uuid=False), sa.ForeignKey("visit.id"), nullable=True),
    )
    op.create_index("hazard_step_newest", "hazard_step", ["hazard_id", "recorded_at", "id"])
    op.create_index("ix_hazard_step_by_id", "hazard_step", ["by_id"])
    op.create_index("ix_hazard_step_visit_id", "hazard_step", ["visit_id"])
    op.create_table(
        "hazard_alert",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("hazard_id", sa.Uuid(as_uuid=False), sa.ForeignKey("hazard.id"), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
    )
    due = sa.text("next_at IS NOT NULL")
    op.create_index("hazard_alert_due", "hazard_alert", ["next_at"], sqlite_where=due, postgresql_where=due)
    _number_those_there_are()


def _number_those_there_are() -> None:
    """Those of before get numbers in the order in which they were found; fixed on the spot becomes their first step."""
    line = op.get_bind()
    found = line.execute(
        sa.text(
            "SELECT h.id, h.found_at, h.found_by_id, h.visit_id, h.fixed_on_spot, v.received_at, a.path FROM hazard h "
            "JOIN visit v ON v.id = h.visit_id JOIN area a ON a.id = v.area_id ORDER BY h.found_at, h.id"
        )
    ).all()
    stations = line.execute(
        sa.text("SELECT u.id, a.path FROM unit u JOIN area a ON a.id = u.area_id WHERE u.unit_kind = 'station'")
    ).all()
    counted: dict[tuple, int] = {}
    for row in found:
        above = [unit for unit in stations if row.path.startswith(unit.path)]
        station = max(above, key=lambda unit: len(unit.path)).id if above else None
        year = _year(row.found_at)
        counted[station, year] = counted.get((station, year), 0) + 1
        line.execute(
            sa.text("UPDATE hazard SET station_id = :station, year = :year, number = :number WHERE id = :id"),
            {"station": station, "year": year, "number": counted[station, year], "id": row.id},
        )
        if row.fixed_on_spot:
            line.execute(_STEP, {"id": uuid.uuid4().hex, "hazard": row.id, "at": row.found_at,
                                 "heard": row.received_at, "by": row.found_by_id, "visit": row.visit_id})  # fmt: skip


def _year(ms: int) -> int:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms + YEAR_MS)).year


_STEP = sa.text(
    "INSERT INTO hazard_step (id, hazard_id, step, state, at, recorded_at, by_id, note, how, party, reference, visit_id) "
    "VALUES (:id, :hazard, 'rectified', 'rectified', :at, :heard, :by, '', '', '', '', :visit)"
)
