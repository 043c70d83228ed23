"""The bytes of a claim: one way to write them, and everything else refused before anything deep is parsed."""

import base64
import hashlib
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wujin_field.canonical import canonical, plain
from wujin_field.sync.strict_json import DEPTH_MAX, INTEGER_MAX, NotCanonical, read

SAMPLES = Path(__file__).parent.parent / "samples"
REFUSED = json.loads((SAMPLES / "refused_bytes.json").read_text("utf-8"))
CANONICAL = json.loads((SAMPLES / "canonical.json").read_text("utf-8"))


@pytest.mark.parametrize("sample", REFUSED, ids=[sample["name"] for sample in REFUSED])
def test_it_refuses(sample):
    with pytest.raises(NotCanonical) as raised:
        read(base64.b64decode(sample["base64"]))
    assert str(raised.value) == sample["code"]


@pytest.mark.parametrize("sample", CANONICAL, ids=[sample["name"] for sample in CANONICAL])
def test_phone_and_server_write_the_same_bytes(sample):
    assert canonical(sample["value"]) == sample["text"].encode()
    assert hashlib.sha256(sample["text"].encode()).hexdigest() == sample["sha256"]
    assert read(sample["text"].encode()) == sample["value"]


CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
LEAVES = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(CHARS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(CHARS), VALUES))
def test_what_is_written_canonically_reads_back(value):
    if depth(value) <= DEPTH_MAX:
        assert read(canonical(value)) == value
    else:
        with pytest.raises(NotCanonical, match="too_deep"):
            read(canonical(value))


@given(VALUES)
def test_the_fast_way_of_writing_writes_the_same(value):
    assert plain(value) == canonical(value)


def depth(value):
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


@given(st.binary(max_size=300))
def test_no_bytes_bring_it_down(body):
    with suppress(NotCanonical):
        assert canonical(read(body)) == body


@given(st.dictionaries(st.text(CHARS, min_size=1), LEAVES, min_size=1), st.data())
def test_one_flipped_byte_never_reads_as_the_same(value, data):
    body = bytearray(canonical(value))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(NotCanonical):
        assert read(bytes(body)) != value
