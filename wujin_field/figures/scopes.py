"""For whom an activity counts: the two trees of areas and units, read whole, for they are small."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Area, Unit

COMMITTEES = ("village_committee", "community_committee")


@dataclass(frozen=True)
class Trees:
    """areas: id → ids of itself and all above; units likewise; at_home: area id → ids of the committees of that area."""

    areas: dict[str, tuple[str, ...]]
    units: dict[str, tuple[str, ...]]
    at_home: dict[str, tuple[str, ...]]

    def units_of(self, area_id: str, organisers: set[str]) -> set[str]:
        """Each organiser in full, each unit above it once (C4.21), and the committee in whose area it happened.

        A village is asked what was done in it; its station what its own people did (D, R154).
        """
        above = {unit for organiser in organisers for unit in self.units.get(organiser, ())}
        return above | {unit for area in self.areas.get(area_id, ()) for unit in self.at_home.get(area, ())}

    def said(self) -> dict:
        """As JSON; the same trees say the same."""
        return {"areas": {key: list(ids) for key, ids in self.areas.items()},
                "units": {key: list(ids) for key, ids in self.units.items()},
                "at_home": {key: sorted(ids) for key, ids in self.at_home.items()}}  # fmt: skip


def trees(session: Session) -> Trees:
    areas = session.execute(select(Area.id, Area.parent_id)).all()
    units = session.execute(select(Unit.id, Unit.parent_id, Unit.area_id, Unit.unit_kind)).all()
    home: dict[str, tuple[str, ...]] = {}
    for unit in units:
        if unit.unit_kind in COMMITTEES:
            home[unit.area_id] = (*home.get(unit.area_id, ()), unit.id)
    return Trees(
        _above({row.id: row.parent_id for row in areas}), _above({row.id: row.parent_id for row in units}), home
    )


def _above(parents: dict[str, str | None]) -> dict[str, tuple[str, ...]]:
    return {one: tuple(_climb(one, parents)) for one in parents}


def _climb(one: str | None, parents: dict[str, str | None]) -> list[str]:
    climbed: list[str] = []
    while one and one not in climbed:
        climbed.append(one)
        one = parents.get(one)
    return climbed
