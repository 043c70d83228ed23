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
    values, wrong = said("message_batch", words="提示", reviewer="站长", audience="residents", sent="１２，３００")
    assert (values["sent"], wrong) == (12300, {})


@pytest.mark.parametrize(
    ("typed", "code"), [("很多", "not_a_number"), ("-3", "negative"), ("1.5", "not_a_number"), ("9" * 20, "too_large")]
)
def test_what_is_no_count_gets_its_word(typed, code):
    assert said("message_batch", words="提示", reviewer="站长", audience="residents", sent=typed)[1] == {"sent": code}


def test_nobody_knows_more_than_were_asked():
    assert said("awareness_survey", settlement="town", asked="20", knew="21")[1] == {"knew": "more_than_asked"}


def test_a_script_is_no_link_and_a_foreign_word_no_choice():
    wrong = said(
        "media_release", outlet="报", reviewer="站长", kind="gossip", medium="portal", link="javascript:alert(1)"
    )[1]
    assert wrong == {"kind": "not_a_choice", "link": "not_a_link"}


def test_days_may_be_written_with_slashes():
    values, _ = said("contact_log", **{"with": "物业", "follow_up": "2026/3/5"})
    assert values["follow_up"] == "2026-03-05"


def test_a_reader_sees_words_not_codes():
    field = PACK["register"]["expert"]["field"][0]
    assert shown(PACK, field, ["firefighter", "teaching"], english=False) == "消防救援、宣传授课"
    assert shown(PACK, field, ["firefighter"], english=True) == "Firefighting"


# What a requirement of the sources must be able to keep: its kind, the fields that carry it, how it is counted.
KEEPS = [
    ("R4", "expert", ["speciality"], ["by"]), ("R5", "publicist_training", ["present", "hours"], ["sum"]),
    ("R13", "hall", ["hall", "hours"], ["rows"]), ("R15", "hall_media", ["hall", "consent"], []),
    ("R17", "hall_opening", ["hall", "visitors"], ["sum"]), ("R20", "partner_unit", ["screens", "boards"], ["sum"]),
    ("R23", "media_release", ["medium", "link", "times"], ["sum"]), ("R25", "media_release", ["kind"], ["by"]),
    ("R30", "online_contest", ["link", "people"], ["sum"]), ("R33", "message_batch", ["words", "sent"], ["sum"]),
    ("R35", "joint_notice", ["joint", "planned"], []), ("R36", "library_item", ["issuer", "version", "origin"], []),
    ("R37", "work_submission", ["place_type", "topic"], []), ("R38", "media_release", ["reviewer"], []),
    ("R38", "message_batch", ["reviewer"], []), ("R38", "joint_notice", ["reviewer"], []),
    ("R39", "meeting", ["present", "issues", "decisions", "by_whom", "done"], ["yes"]),
    ("R40", "yearly_target", ["measure", "wanted"], []), ("R45", "editorial_calendar", ["writer", "topic"], []),
    ("R46", "case_submission", ["problem", "way", "result"], []), ("R48", "demonstration_site", ["studied"], ["sum"]),
    ("R56", "demonstration_site", ["standard"], ["by"]), ("R62", "guidance", ["whom", "advice", "answer"], ["yes"]),
    ("R64", "library_item", ["rating"], ["downloads"]), ("R65", "joint_notice", ["joint"], ["pairs"]),
    ("R66", "media_account", ["platform", "account"], ["by"]), ("R67", "joint_notice", ["kind"], ["by", "pairs"]),
    ("R71", "awareness_survey", ["asked", "knew"], ["ratio"]), ("R79", "partner_unit", ["passes_on"], []),
    ("R72", "awareness_survey", ["settlement", "income", "schooling", "age", "job"], ["ratio_by"]),
    ("R90", "media_release", ["outlet", "medium"], ["by"]), ("R91", "exposure", ["what", "outlet", "corrected"], ["yes"]),
    ("R92", "message_batch", ["words", "audience", "sent"], ["sum"]),
    ("R96", "accident_review", ["cause", "lesson", "present"], ["sum"]),
    ("R97", "demonstration_site", ["programme"], []), ("R98", "demonstration_site", ["place_type", "helper"], []),
    ("R99", "guidance", ["whom", "advice", "due"], []), ("R101", "drill_follow_up", ["problems", "plan_owner", "due"], ["yes"]),
    ("R105", "online_contest", ["until", "kind"], []), ("R111", "information_item", ["progress", "manner", "content"], []),
    ("R117", "role_model", ["consent"], []), ("R118", "message_batch", ["audience"], ["by"]),
    ("R153", "service_team_note", ["service"], ["by"]), ("R156", "contact_log", ["with"], []),
    ("R181", "accident_case", ["story", "lesson", "source"], []), ("R200", "work_submission", ["work_type", "rights"], []),
]  # fmt: skip


@pytest.mark.parametrize(("requirement", "kind", "codes", "how"), KEEPS)
def test_what_the_sources_ask_to_keep_has_its_kind_its_fields_and_its_count(requirement, kind, codes, how):
    register = PACK["register"][kind]
    assert set(codes) <= {field["code"] for field in register["field"]}, requirement
    assert set(how) <= {count["how"] for count in register["count"]}, requirement


def test_a_person_held_up_as_a_model_has_agreed():
    assert said("role_model", deed="救火")[1] == {"consent": "missing"}


def test_hundreds_of_millions_of_messages_are_a_number():
    values, wrong = said("message_batch", words="提示", reviewer="站长", audience="all_users", sent="500000000")
    assert (values["sent"], wrong) == (500_000_000, {})
