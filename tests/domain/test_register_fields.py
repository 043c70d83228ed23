"""A register entry is read as the pack describes its kind: full-width digits are digits, nonsense gets its word."""

import pytest

from wujin_field.domain import load_pack
from wujin_field.domain.registers import options, read, shown

PACK = load_pack()
HOW = {"rows", "sum", "yes", "by", "pairs", "ratio", "ratio_by", "downloads"}
TYPES = {"text", "long", "date", "number", "yes_no", "choice", "choices", "units", "venue", "link"}


def said(register, /, **form):
    values, wrong = read(PACK, PACK["register"][register], {name: [text] for name, text in form.items()})
    return values, {line.field: line.code for line in wrong}


@pytest.mark.parametrize("kind", PACK["register"])
def test_a_kind_is_described_whole_and_in_both_languages(kind):
    register = PACK["register"][kind]
    codes = [field["code"] for field in register["field"]]
    assert len(codes) == len(set(codes))
    assert {field["type"] for field in register["field"]} <= TYPES
    assert {count["how"] for count in register["count"]} <= HOW
    assert {count["field"] for count in register["count"] if "field" in count} <= {*codes, "state"}
    for entry in [register, *register["field"], *register["count"]]:
        assert entry["zh"] and entry["en"]
    for field in register["field"]:
        assert field["type"] not in ("choice", "choices") or options(PACK, field)


@pytest.mark.parametrize("life", PACK["lifecycle"])
def test_every_step_of_a_life_leads_from_a_state_to_a_state(life):
    lifecycle = PACK["lifecycle"][life]
    states = {state["code"] for state in lifecycle["states"]}
    assert lifecycle["start"] in states
    for step in lifecycle["steps"]:
        assert {*step["from"], step["to"]} <= states
        assert set(step.get("who", [])) <= set(PACK["access"])


def test_numbers_come_as_people_type_them():
    values, wrong = said("message_batch", words="提示", audience="residents", sent="１２，３００")
    assert (values["sent"], wrong) == (12300, {})


@pytest.mark.parametrize(
    ("typed", "code"), [("很多", "not_a_number"), ("-3", "negative"), ("1.5", "not_a_number"), ("9" * 20, "too_large")]
)
def test_what_is_no_count_gets_its_word(typed, code):
    assert said("message_batch", words="提示", audience="residents", sent=typed)[1] == {"sent": code}


def test_nobody_knows_more_than_were_asked():
    assert said("awareness_survey", settlement="town", asked="20", knew="21")[1] == {"knew": "more_than_asked"}


def test_a_script_is_no_link_and_a_foreign_word_no_choice():
    wrong = said("media_release", outlet="报", kind="gossip", medium="portal", link="javascript:alert(1)")[1]
    assert wrong == {"kind": "not_a_choice", "link": "not_a_link"}


def test_days_may_be_written_with_slashes():
    values, _ = said("contact_log", **{"with": "物业", "follow_up": "2026/3/5"})
    assert values["follow_up"] == "2026-03-05"


def test_a_reader_sees_words_not_codes():
    field = PACK["register"]["expert"]["field"][0]
    assert shown(PACK, field, ["firefighter", "teaching"], english=False) == "消防救援、宣传授课"
    assert shown(PACK, field, ["firefighter"], english=True) == "Firefighting"
