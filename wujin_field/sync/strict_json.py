"""JSON as a signed claim may use it: RFC 8785 canonical, integers only, shallow, no key twice, no half characters."""

import json
import re
from typing import Any

import msgspec

from ..canonical import BEYOND_FFFF, plain

DEPTH_MAX = 12
INTEGER_MAX = 2**53 - 1  # what a browser holds exactly (RFC 8259, I-JSON)
# An unfinished string runs to the end: every byte is looked at once, however the quotes fall.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_FLAT = re.compile(rb"[^][{}]+")
_LONG_NUMBER = re.compile(rb"[0-9]{16}")  # the longest that a browser holds exactly has sixteen digits
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_WRITER = msgspec.json.Encoder(order="sorted")  # escapes as RFC 8785 does; sorts by code point, see canonical.plain


class NotCanonical(ValueError):
    """The bytes are no canonical JSON of ours; its text is the reason's code."""


def read(body: bytes) -> dict:
    """The object in `body`. Raises NotCanonical before parsing anything deep."""
    _check_depth(body)
    value = _read_well_written(body)
    if value is None:
        value = _read_closely(body)
    if rb"\u0000" in body and _NUL.search(body):  # PostgreSQL holds no such text
        raise NotCanonical("not_json")
    return value


def _read_well_written(body: bytes) -> dict | None:
    """The quick way for what reads back as itself; None when a closer look must say why it does not."""
    if BEYOND_FFFF.search(body) or _LONG_NUMBER.search(body):
        return None
    try:
        value = _READER.decode(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _WRITER.encode(value) == body else None


def _read_closely(body: bytes) -> dict:
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_no_twins, parse_float=_no_float,
                           parse_constant=_no_float, parse_int=_integer)  # fmt: skip
        same = plain(value) == body
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical("not_json") from error
    if not isinstance(value, dict):
        raise NotCanonical("not_json")
    if not same:
        raise NotCanonical("not_canonical")
    return value


def _check_depth(body: bytes) -> None:
    depth = 0
    for byte in _FLAT.sub(b"", _STRING.sub(b"", body)):
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


_READER = msgspec.json.Decoder(float_hook=_no_float)


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise NotCanonical("not_an_integer")
    return int(text)
