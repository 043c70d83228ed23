"""The sentence that an author writes below an activity: 30 to 80 characters, in the manner of the township's papers."""

from random import Random

from .outings import WORDS, Outing

LONGEST = 80


def sentence(outing: Outing, fields: dict, fixed: int, rng: Random) -> str:
    """fields: the activity's own numbers, so that words and table never disagree. fixed: hazards put right at once."""
    head = outing.line.get("head") or rng.choice(outing.line["heads"]).format(where=_where(outing))
    parts = [head, *(rng.choice(WORDS["lessons"][topic]) for topic in fields["topics"][:2])]
    numbers = {"leaflets": fields["channels"].get("leaflet", 0), "people": fields["people"],
               "registrations": fields["registrations"], "fixed": fixed}  # fmt: skip
    return _within(parts, [words.format(**numbers) for words in _tails(numbers, rng)])


def _tails(numbers: dict[str, int], rng: Random) -> list[str]:
    tails = WORDS["tails"]
    first = tails["leaflets"] if numbers["leaflets"] else tails["people"] if numbers["people"] else []
    said = [rng.choice(first)] if first else []
    return said + [tails[name] for name in ("fixed", "registrations") if numbers[name]]


def _within(parts: list[str], tails: list[str]) -> str:
    """As much as a line of the paper holds: the last words go first."""
    said = parts + tails
    while len("，".join(said)) + 1 > LONGEST:
        said.pop()
    return "，".join(said) + "。"


def _where(outing: Outing) -> str:
    """Homes are never named, shops are a street."""
    names = [venue.zh for venue in outing.stops]
    if any(venue.privacy == "strict" for venue in outing.stops):
        return outing.unit.area.zh
    if outing.stops[0].venue_kind == "street_shop":
        return f"{outing.unit.area.zh}临街门面"
    return "、".join(names)
