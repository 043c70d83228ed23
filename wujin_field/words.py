"""Chinese is written in place; this holds what the same sentences are in English (words/en/, a file a room of the house).

One line per sentence that a page or an answer of the server says; tests/web/test_words.py keeps it complete and free of
leftovers. %(name)s is filled in; %m, %d, %H are parts of a date.
"""

import tomllib
from functools import cache
from pathlib import Path


@cache
def catalogue() -> dict[str, str]:
    """Chinese sentence → English sentence. Raises ValueError when two files say the same sentence differently."""
    told: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / "words" / "en").glob("*.toml")):
        more = tomllib.loads(path.read_text(encoding="utf-8"))
        if differing := [text for text in told.keys() & more.keys() if told[text] != more[text]]:
            raise ValueError(f"{path.name} says otherwise than a file before it: {sorted(differing)}")
        told |= more
    return told


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 photo`, `2 photos`: what a command says of a count; commands speak English."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def say(text: str, lang: str, /, **values: object) -> str:
    """`text` in the reader's language, its %(name)s filled in. An untranslated sentence stays Chinese.

    English may be written twice, "%(n)s visit | %(n)s visits": the first when n is one.
    """
    spoken = catalogue().get(text, text) if lang == "en" else text
    one, twice, many = spoken.partition(" | ")
    if twice:
        spoken = one if str(values.get("n")) == "1" else many
    return spoken % values if values else spoken
