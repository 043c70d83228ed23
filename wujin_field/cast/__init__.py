"""青禾镇: the named people, venues and visits that demo, seed and tests share. Nobody and nothing here exists.

town.py       settle(session) → Town: areas, units, people, venues with their codes; plans.py: the year's tables
claims.py     what a phone would send, as plain dicts that a test may bend, and phones to send it from
pictures.py   a shipped photograph with fresh Exif
outings.py    who went where, when and why: one month and a bit, from outings.toml
registers.py  the small records, from registers.toml
oddities.py   what was not quite right last week
fieldwork.py  all of it through the real intake
spot_checks.py  the pictures and visits looked at, a closed batch and the one of this Monday
"""

from .claims import activity_claim, phone, photo_line, sealed, visit_claim
from .fieldwork import fieldwork
from .pictures import picture
from .town import Town, settle

__all__ = ["Town", "activity_claim", "fieldwork", "phone", "photo_line", "picture", "sealed", "settle", "visit_claim"]
