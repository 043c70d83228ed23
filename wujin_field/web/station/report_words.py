"""What the form of a report says: the clerk's words, entries and pictures in their order."""

from flask import request

from ...reports.ask import Ask, Words
from ...reports.kinds.entries import Entry, entries_of

TEXT_MAX = 4000


def read_words(ask: Ask, before: Words) -> Words:
    """The form as the clerk left it. A picture that is no picture of its entry is passed over."""
    form = request.form
    texts = {name.removeprefix("text:"): form[name].strip()[:TEXT_MAX] for name in form if name.startswith("text:")}
    entries = {entry.id: entry for entry in entries_of(ask, before)}
    photos = {entry_id: _order(entry, form) for entry_id, entry in entries.items()}
    kept = set(form.getlist("keep"))
    return Words(
        person=form.get("person", "").strip()[:60], reviewer=form.get("reviewer", "").strip()[:60],
        phone=form.get("phone", "").strip()[:40], number=form.get("number", "").strip()[:40], stamped="stamped" in form,
        public={"yes": True, "no": False}.get(form.get("public", "")), texts=_meant(texts, entries),
        photos={entry_id: order for entry_id, order in photos.items() if order != list(entries[entry_id].recorded)},
        left_out=[entry_id for entry_id in entries if entry_id not in kept],
    )  # fmt: skip


def _meant(texts: dict[str, str], entries: dict[str, Entry]) -> dict[str, str]:
    """What differs from the record: a text that nobody touched follows the record when that is corrected."""
    return {key: text for key, text in texts.items() if text and (key not in entries or text != entries[key].drafted)}


def _order(entry: Entry, form) -> list[str]:
    """The pictures in the order of the form, after one step that a button without script asked for."""
    order = [sha256 for sha256 in form.getlist(f"photo:{entry.id}") if sha256 in entry.recorded]
    order += [sha256 for sha256 in entry.recorded if sha256 not in order]
    moved, _, step = form.get("move", "").partition("|")
    if moved in order and step in ("-1", "1"):
        start = order.index(moved)
        order.insert(max(0, start + int(step)), order.pop(start))
    return order
