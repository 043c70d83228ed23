"""The entries of a monthly report as the clerk sorts them: what the record says, and what was made of it."""

from dataclasses import dataclass
from datetime import date

from ...periods import numbers_of
from ..ask import Ask, Words
from ..gather import month_facts
from ..wording import one_line
from .annex2_monthly import in_order


@dataclass(frozen=True)
class Entry:
    """drafted, recorded: sentence and digests as the record has them; text, photos: as they are to be printed."""

    id: str
    day: date
    place: str
    drafted: str
    text: str
    recorded: tuple[str, ...]
    photos: tuple[str, ...]
    kept: bool
    carried: bool


def entries_of(ask: Ask, words: Words) -> list[Entry]:
    """In the order of the paper, those that are left out too; none for other kinds."""
    if ask.kind != "annex2_monthly":
        return []
    facts = month_facts(ask.session, ask.pack, ask.unit, *numbers_of(ask.period))
    in_time = [activity for activity in facts.activities if activity.day.day <= facts.due_day]
    told = [(activity, False) for activity in in_time] + [(activity, True) for activity in facts.carried]
    return [_entry(activity, carried, words) for activity, carried in told]


def _entry(activity, carried: bool, words: Words) -> Entry:
    recorded = tuple(picture.sha256 for picture in activity.pictures)
    ordered = tuple(picture.sha256 for picture in in_order(activity.pictures, words.photos.get(activity.id, [])))
    drafted = one_line(activity.text)
    return Entry(activity.id, activity.day, activity.place_zh, drafted, words.texts.get(activity.id, drafted), recorded,
                 ordered, activity.id not in words.left_out, carried)  # fmt: skip
