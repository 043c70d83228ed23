"""Does it repeat itself? Fifteen perfect checklists in a row, the same sentence again and again."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from .case import Case, Flag

NEWEST = 40


def check(case: Case) -> Iterator[Flag]:
    """all_ok_streak, copied_text."""
    yield from _streak(case)
    yield from _copied(case)


def _streak(case: Case) -> Iterator[Flag]:
    rule = case.rule("all_ok_streak")
    before = [stop for stop in case.stops if stop.started_at <= case.visit.started_at]
    row = 0
    for answers in (case.visit.answers, *(stop.answers for stop in reversed(before))):
        if not _perfect(answers, rule["min_items"]):
            break
        row += 1
    if row >= rule["visits_min"]:
        yield case.flag("all_ok_streak", visits=row)


def _perfect(answers: dict, least: int) -> bool:
    values = [answer["value"] for answer in answers.values()]
    return len(values) >= least and all(value == "ok" for value in values)


def _copied(case: Case) -> Iterator[Flag]:
    rule, note = case.rule("copied_text"), case.visit.note.strip()
    if len(note) < rule["min_chars"]:
        return
    notes = [stop.note for stop in case.stops[-NEWEST:] if len(stop.note) >= rule["min_chars"]]
    alike = sum(_alike(note, other) > rule["similarity_over"] for other in notes)
    if alike + 1 >= rule["visits_min"]:
        yield case.flag("copied_text", visits=alike + 1)


def _alike(first: str, second: str) -> float:
    return 1.0 if first == second else SequenceMatcher(None, first, second, autojunk=False).ratio()
