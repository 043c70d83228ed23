"""The eight characters on a poster: seven drawn at random and one that catches a slip of the finger.

29 characters without look-alikes. 29 is prime, so a weighted sum finds every single wrong character and every
two that changed places.
"""

import secrets
import unicodedata

ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXY"
LENGTH = 8
_LOOKALIKES = str.maketrans("SZB", "528")


def new_code() -> str:
    stem = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return stem + check_character(stem)


def check_character(stem: str) -> str:
    return ALPHABET[sum(weight * ALPHABET.index(char) for weight, char in enumerate(stem, 1)) % len(ALPHABET)]


def read_code(typed: str) -> str | None:
    """The code somebody meant (full width, lower case, spaces and look-alikes forgiven), or None if it cannot be one."""
    code = unicodedata.normalize("NFKC", typed).upper().translate(_LOOKALIKES)
    code = "".join(char for char in code if char.isalnum())
    if len(code) != LENGTH or set(code) - set(ALPHABET) or check_character(code[:-1]) != code[-1]:
        return None
    return code
