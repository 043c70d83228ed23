"""RFC 8785, the one way to write JSON that is hashed or signed."""

import json
import re
from typing import Any

import rfc8785

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
BEYOND_FFFF = re.compile(rb"[\xf0-\xf4]")  # in UTF-8


def canonical(value: Any) -> bytes:
    """The bytes of any JSON value. Raises rfc8785.CanonicalizationError."""
    return rfc8785.dumps(value)


def plain(value: Any) -> bytes:
    """The same for what holds no floats, in a twentieth of the time: Python's own C code escapes as RFC 8785 does.

    It sorts keys by code point, RFC 8785 by UTF-16 unit; they differ only where a character beyond U+FFFF is about.
    """
    raw = _ENCODER.encode(value).encode()
    return rfc8785.dumps(value) if BEYOND_FFFF.search(raw) else raw
