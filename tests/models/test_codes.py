"""The eight characters on a poster survive fingers, eyes and keyboards."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wujin_field.models.codes import ALPHABET, LENGTH, check_character, new_code, read_code

STEMS = st.text(alphabet=ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)
CODES = STEMS.map(lambda stem: stem + check_character(stem))


@given(CODES)
def test_every_single_wrong_character_is_caught(code):
    slips = (code[:at] + char + code[at + 1 :] for at in range(LENGTH) for char in ALPHABET if char != code[at])
    assert [slip for slip in slips if read_code(slip)] == []


@given(CODES)
def test_every_two_that_changed_places_are_caught(code):
    swaps = (swapped(code, *pair) for pair in combinations(range(LENGTH), 2) if code[pair[0]] != code[pair[1]])
    assert [swap for swap in swaps if read_code(swap)] == []


def swapped(code, one, other):
    chars = list(code)
    chars[one], chars[other] = chars[other], chars[one]
    return "".join(chars)


def test_a_new_code_reads_back():
    assert all(read_code(code) == code for code in (new_code() for _ in range(200)))


@pytest.mark.parametrize("pair", ["0O", "1I", "IL", "5S", "2Z", "8B"])
def test_of_two_that_look_alike_at_most_one_is_used(pair):
    assert len(set(pair) & set(ALPHABET)) <= 1


@pytest.mark.parametrize(
    "typed",
    [
        "52852588",
        "S2852588",
        "5Z852588",
        "52B52588",
        "sZb5zsBb",
        "5285 2588",
        " 5285-2588 ",
        "５２８５２５８８",
        "ｓ２８５　２５８８",
    ],
)
def test_look_alikes_spaces_case_and_full_width_are_forgiven(typed):
    assert read_code(typed) == "52852588"


@given(CODES)
def test_o_and_zero_i_and_one_typed_for_what_stands_there_are_never_read_as_another_place(code):
    """One slip is always understood; with several the code is understood or refused, and never another's."""
    for seen, typed in (("Q", "O"), ("D", "0"), ("C", "0"), ("L", "1"), ("J", "I"), ("T", "1"), ("7", "1")):
        once = code.replace(seen, typed, 1)
        assert read_code(once) == code
        assert read_code(code.replace(seen, typed)) in (code, None)


@pytest.mark.parametrize(
    "typed", ["", " ", "5286234", "528623488", "5286O348", "柳溪村老年活动", "🏠" * 8, "²3456789", "%00", "../../x"]
)
def test_what_cannot_be_a_code_is_none(typed):
    assert read_code(typed) is None
