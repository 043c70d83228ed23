"""The eight characters on a poster: seven drawn at random and one that catches a slip of the finger.

29 characters without look-alikes. 29 is prime, so a weighted sum finds every single wrong character and every
two that changed places.
"""

import secrets
import unicodedata
from itertools import product

ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXY"
LENGTH = 8
_LOOKALIKES = str.maketrans("SZB", "528")
# No poster bears these: whoever types one saw one of those. The check character says which.
_SEEN_AS = {"O": "QDC", "0": "QDC", "I": "LJT", "1": "LJT7"}
_GUESSES_MAX = 3  # with more such slips chance would decide


def new_code() -> str:
    stem = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return stem + check_character(stem)


def check_character(stem: str) -> str:
    return ALPHABET[sum(weight * ALPHABET.index(char) for weight, char in enumerate(stem, 1)) % len(ALPHABET)]


def read_code(typed: str) -> str | None:
    """The code somebody meant, or None if it cannot be one.

    Full width, lower case, spaces, look-alikes, and O or 0, I or 1 are forgiven as long as one reading alone is right.
    """
    code = unicodedata.normalize("NFKC", typed).upper().translate(_LOOKALIKES)
    code = "".join(char for char in code if char.isalnum())
    if len(code) != LENGTH or sum(char in _SEEN_AS for char in code) > _GUESSES_MAX:
        return None
    meant = [found for found in map("".join, product(*(_SEEN_AS.get(char, char) for char in code))) if _is_right(found)]
    return meant[0] if len(meant) == 1 else None


def _is_right(code: str) -> bool:
    return not set(code) - set(ALPHABET) and check_character(code[:-1]) == code[-1]
