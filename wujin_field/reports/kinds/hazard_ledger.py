"""隐患台账: every hazard of the period with its steps, before and after (E8), as its page shows it."""

from ...db import local_day
from ...ledger import Entry, entries
from ..ask import Ask
from ..gather import villages_of
from ..paper import Paper, Picture, Table, Text

WIDTHS = (21, 25, 20, 25, 10, 16, 19, 25, 25, 13, 18, 30)  # millimetres, of 247


def paper(ask: Ask) -> Paper:
    villages = villages_of(ask.session)
    found = entries(ask.session, ask.path, ask.span.first, ask.span.last)
    rows = tuple(_row(ask, entry, _place(entry, villages)) for entry in found)
    table = Table(tuple(ask.layout["columns"]), rows, WIDTHS, left=(3, 6))
    head = ask.layout["head"].format(unit=ask.unit.zh, window=ask.window, number=len(rows))
    return ask.paper([table, *([] if rows else [Text(ask.layout["empty"])])], head=(head,), across=True)


def _row(ask: Ask, entry: Entry, place: str) -> tuple:
    hazard = entry.hazard
    verified = entry.steps[-1] if entry.state == "verified" else None
    return (hazard.label, local_day(hazard.found_at).isoformat(), place, hazard.text,
            ask.layout["severity_zh"][hazard.severity], hazard.responsible_party, _measure(entry), hazard.due.isoformat(),
            entry.fixed.isoformat() if entry.fixed else "", verified.by.name if verified and verified.by else "",
            _standing(ask, entry), _pair(ask, entry, place))  # fmt: skip


def _place(entry: Entry, villages: dict[str, str]) -> str:
    """A home is printed as its village's."""
    visit, venue = entry.hazard.visit, entry.hazard.venue
    if entry.private:
        return next((zh for path, zh in villages.items() if visit.area.path.startswith(path)), visit.area.zh) + "住户"
    return venue.zh if venue else visit.place_text or visit.area.zh


def _measure(entry: Entry) -> str:
    """What was to be done, and what whoever did it says."""
    done = entry.report.note if entry.report else ""
    return "\n".join(filter(None, [entry.hazard.measure, done]))


def _standing(ask: Ask, entry: Entry) -> str:
    """Where it stands, in the words of its page; to whom it went, how it was looked at, why it is void."""
    words, last = ask.layout, entry.steps[-1] if entry.steps else None
    told = words["overdue_zh"] if entry.overdue(ask.today) else words["state_zh"][entry.state]
    more = ""
    if last and entry.state == "verified":
        more = words["how_zh"].get(last.how, "")
    elif last and entry.state == "handed_over":
        more = "，".join(filter(None, [last.party, last.reference]))
    elif last and entry.state == "void":
        more = words["note_zh"].get(last.note, last.note)
    return f"{told}（{more}）" if more else told


def _pair(ask: Ask, entry: Entry, place: str) -> tuple[Picture, ...] | str:
    if entry.private:
        return ask.layout["private_zh"]
    shown = zip(ask.layout["pair_zh"], (entry.hazard.photo, entry.after), strict=True)
    return tuple(Picture(word, sha256, f"{word}（照片缺失）", f"{place}{word}") for word, sha256 in shown if sha256)
