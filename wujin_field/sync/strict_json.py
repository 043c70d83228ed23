"""JSON as a signed claim may use it: RFC 8785 canonical, integers only, shallow, no key twice, no half characters."""

import json
from typing import Any

import rfc8785

DEPTH_MAX = 12
INTEGER_MAX = 2**53 - 1  # what a browser holds exactly (RFC 8259, I-JSON)


class NotCanonical(ValueError):
    """The bytes are no canonical JSON of ours; its text is the reason's code."""


def canonical(value: Any) -> bytes:
    return rfc8785.dumps(value)


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
        same = canonical(value) == body
    except NotCanonical:
        raise
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise NotCanonical("not_json") from error
    if not isinstance(value, dict):
        raise NotCanonical("not_json")
    if not same:
        raise NotCanonical("not_canonical")
    return value


def _check_depth(body: bytes) -> None:
    # Brackets inside strings count too: a text that holds a dozen unclosed ones is no loss to us.
    depth = 0
    for byte in body:
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
