"""Names as people type them: what cannot be seen goes, what can be read stays."""

import unicodedata

LONGEST = 60


def clean(text: str, longest: int = LONGEST) -> str:
    """One line without control characters and marks of direction (a name must not turn round what stands beside it)."""
    seen = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    shown = "".join(char for char in seen if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(shown.split())[:longest].strip()
