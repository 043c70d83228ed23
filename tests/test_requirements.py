"""The ledger of requirements tells the truth: complete, undecided nowhere, and every test it names is there."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEDGER = tomllib.loads((ROOT / "tests/requirements.toml").read_text(encoding="utf-8"))

NUMBERS = range(1, 209)
NOT_SOFTWARE = {49, 50, 60, 81, 82, 107, 108, 116, 157, 192}
DATA_OR_WORDING = {
    3, 6, 8, 14, 16, 21, 22, 23, 26, 30, 32, 34, 35, 48, 51, 66, 67, 68, 69, 78, 80, 89, 92, 97, 102, 104, 110,
    117, 118, 120, 124, 132, 144, 153, 156, 164, 172, 180, 190, 191, 202, 207, 208,
}  # fmt: skip
CAPABILITIES = {"river", "intake", "phone", "evidence", "station", "figures", "papers"}
ALLOWED_KEYS = {"kind", "what", "screen", "tests", "missing"}
PRODUCT_FILE = re.compile(r"[\w./-]+\.(?:toml|py|html|js)\b")


def expected_kinds():
    return {f"R{n}": "D" if n in DATA_OR_WORDING else "S" for n in NUMBERS if n not in NOT_SOFTWARE}


def is_decided(entry):
    """Either a reason why it is missing, or the screen and the tests that show it; never both, never half."""
    if "missing" in entry:
        return bool(entry["missing"].strip()) and "screen" not in entry and "tests" not in entry
    return bool(entry.get("screen", "").strip()) and bool(entry.get("tests"))


def named_tests():
    return [(number, name) for number, entry in LEDGER.items() for name in entry.get("tests", [])]


def functions_in(path):
    """Names of the functions that stand at the top of a test file, outside of any class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def stands(name):
    file, _, title = name.partition("::")
    path = ROOT / file
    if not title or not file.startswith("tests/") or not path.is_file():
        return False
    if file.startswith("tests/js/"):
        return file.endswith(".test.mjs") and title in path.read_text(encoding="utf-8")
    return title.startswith("test_") and title in functions_in(path)


def test_every_requirement_that_is_software_or_data_stands_in_the_ledger_with_its_kind():
    assert {number: entry.get("kind") for number, entry in LEDGER.items()} == expected_kinds()


def test_the_ledger_is_in_numeric_order():
    assert list(LEDGER) == list(expected_kinds())


def test_every_entry_says_in_our_words_what_is_asked():
    assert [number for number, entry in LEDGER.items() if not entry.get("what", "").strip()] == []


def test_no_entry_has_a_key_that_nobody_reads():
    assert {number: extra for number, entry in LEDGER.items() if (extra := set(entry) - ALLOWED_KEYS)} == {}


def test_every_entry_is_either_missing_with_a_reason_or_met_with_a_screen_and_tests():
    assert [number for number, entry in LEDGER.items() if not is_decided(entry)] == []


def test_every_reason_begins_with_the_capability_that_will_meet_it():
    reasons = {number: entry["missing"] for number, entry in LEDGER.items() if "missing" in entry}
    assert [number for number, reason in reasons.items() if reason.partition(": ")[0] not in CAPABILITIES] == []


def test_no_two_entries_share_one_reason():
    reasons = [entry["missing"] for entry in LEDGER.values() if "missing" in entry]
    assert sorted(reasons) == sorted(set(reasons))


def test_every_test_named_in_the_ledger_exists():
    assert [(number, name) for number, name in named_tests() if not stands(name)] == []


def test_every_file_named_as_a_screen_exists():
    screens = {number: PRODUCT_FILE.findall(entry.get("screen", "")) for number, entry in LEDGER.items()}
    assert [(number, file) for number, files in screens.items() for file in files if not (ROOT / file).is_file()] == []
