"""The filters of a list as an address writes them."""

from collections.abc import Mapping
from datetime import date

from flask import abort

from ..domain import load_pack
from ..figures.lists import Wanted
from ..sync.envelope import is_id


def wanted_from(args: Mapping[str, str], area_path: str) -> Wanted:
    """What is no day, no kind of place or no id is a mistake that is said (400), never an empty list."""
    place_type, after = args.get("place_type", ""), args.get("after", "")
    if (place_type and place_type not in load_pack()["place_type"]) or (after and not is_id(after)):
        abort(400)
    return Wanted(area_path, _day(args.get("from", "")), _day(args.get("to", "")), place_type, after)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        abort(400)
