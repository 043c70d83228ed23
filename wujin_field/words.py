"""Chinese is written in place; this holds what the same sentences are in English (words/en.toml)."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def catalogue() -> dict[str, str]:
    """Chinese sentence → English sentence."""
    path = Path(__file__).parent / "words" / "en.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def say(text: str, lang: str, /, **values: object) -> str:
    """`text` in the reader's language, its %(name)s filled in. An untranslated sentence stays Chinese."""
    spoken = catalogue().get(text, text) if lang == "en" else text
    return spoken % values if values else spoken
