"""The sentences of a paper that the clerk may put in other words, and the counts in them, which stay the records'."""

from dataclasses import replace

import msgspec

from ..ask import FIGURE, Ask, NothingToPrint, Words
from ..counts import foreign
from ..paper import Paper, Text
from . import compose
from .entries import entries_of


def sentences(paper: Paper) -> list[Text]:
    return [block for block in paper.blocks if isinstance(block, Text) and block.key]


def with_our_counts(ask: Ask, before: Words, words: Words) -> tuple[Words, list[str]]:
    """A sentence that counts what its record does not (六百五十份 for 65份) stays as it was; and those counts, to be told."""
    recorded, known = _recorded(ask, before), ask.pack.files["reports"]["counts"]
    found = {key: foreign(text, recorded[key], known) for key, text in words.texts.items() if key in recorded}
    kept = {key: before.texts.get(key, "") if found.get(key) else text for key, text in words.texts.items()}
    texts = {key: text for key, text in kept.items() if text}
    return msgspec.structs.replace(words, texts=texts), sorted(set[str]().union(*found.values()))


def _recorded(ask: Ask, before: Words) -> dict[str, str]:
    """key → what the record says, {figures} unfilled. A sentence without any figure is the clerk's own, counts and all."""
    if entries := entries_of(ask, before):
        return {entry.id: entry.drafted for entry in entries}
    try:
        drafted = sentences(compose(replace(ask, words=Words())))
    except NothingToPrint:
        return {}
    return {one.key: one.pattern for one in drafted if FIGURE.search(one.pattern)}
