"""JSON as a signed claim may use it: RFC 8785 canonical, integers only, shallow, no key twice, no half characters."""

import json
import re
from typing import Any

import rfc8785

DEPTH_MAX = 12
INTEGER_MAX = 2**53 - 1  # what a browser holds exactly (RFC 8259, I-JSON)
# An unfinished string runs to the end: every byte is looked at once, however the quotes fall.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class NotCanonical(ValueError):
    """The bytes are no canonical JSON of ours; its text is the reason's code."""


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of any JSON value."""
    return rfc8785.dumps(value)


def plain(value: Any) -> bytes:
    """The same for what holds no floats, twenty times as fast: the library's C code escapes as RFC 8785 does.

    It sorts keys by code point, RFC 8785 by UTF-16 unit: they differ only where a character beyond U+FFFF is about.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() if text.isascii() or max(text) < "\U00010000" else rfc8785.dumps(value)


def read(body: bytes) -> dict:
    """The object in `body`. Raises NotCanonical before parsing anything deep."""
    _check_depth(body)
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_no_twins,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_integer,
        )
        same = plain(value) == body
    except NotCanonical:
        raise
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise NotCanonical("not_json") from error
    if not isinstance(value, dict):
        raise NotCanonical("not_json")
    if not same:
        raise NotCanonical("not_canonical")
    if _NUL.search(body):  # PostgreSQL holds no such text
        raise NotCanonical("not_json")
    return value


def _check_depth(body: bytes) -> None:
    depth = 0
    for byte in _STRING.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise NotCanonical("too_deep")
        elif byte in b"]}":
            depth -= 1


def _no_twins(pairs: list[tuple[str, Any]]) -> dict:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NotCanonical("key_twice")
    return fields


def _no_float(_text: str) -> None:
    raise NotCanonical("not_an_integer")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise NotCanonical("not_an_integer")
    return int(text)
