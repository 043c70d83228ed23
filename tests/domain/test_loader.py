"""A fault in the domain data stops the start and says where it is."""

import shutil

import pytest

from wujin_field.domain import PACK, PackError, load_pack


@pytest.fixture
def broken(tmp_path):
    """broken("quotas", old, new) → a copy of the pack with that one change."""

    def change(file, old, new):
        folder = tmp_path / "pack"
        shutil.copytree(PACK, folder)
        path = folder / f"{file}.toml"
        source = path.read_text("utf-8")
        assert old in source
        path.write_text(source.replace(old, new, 1), "utf-8")
        return folder

    return change


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("place_types", 'code = "street_shop"', 'code = "street_shop"\nextra = ["no_such_list"]', "street_shop"),
        ("place_types", 'code = "small_mall"', 'code = "street_shop"', "street_shop"),
        ("place_types", 'zh = "企业"\nzh_phrase', 'zh_old = "企业"\nzh_phrase', "enterprise"),
        ("publicity_forms", 'code = "mobile"', 'no_code = "mobile"', "(no code)"),
        ("roles", 'access = "field"', 'access = "everything"', "volunteer"),
        ("quotas", "[[quota]]", '[[quota]]\ncode = "new"\nzh = "新"\nbasis = ["hearsay"]\n[[quota]]', "new"),
        ("topics", "[[topic]]", "[[topic", "whole file"),
    ],
)  # fmt: skip
def test_a_broken_pack_names_the_file_and_the_code(broken, file, old, new, code):
    with pytest.raises(PackError) as raised:
        load_pack(broken(file, old, new))
    assert str(raised.value).startswith(f"{file}.toml, {code}: ")


def test_a_missing_file_is_named(tmp_path):
    shutil.copytree(PACK, tmp_path / "pack")
    (tmp_path / "pack" / "calendar.toml").unlink()
    with pytest.raises(PackError, match=r"^calendar\.toml, whole file: "):
        load_pack(tmp_path / "pack")


def test_a_checklist_item_stands_in_one_template_only(broken):
    with pytest.raises(PackError, match=r"^checklists\.toml, HH-01: stands in "):
        load_pack(broken("checklists", 'code = "EH-01"', 'code = "HH-01"'))


def test_the_shipped_pack_is_whole():
    pack = load_pack()
    assert len(pack["place_type"]) == 9
    assert all(pack[table] for table in pack)


def test_nobody_changes_the_pack_by_accident():
    with pytest.raises(TypeError):
        load_pack()["topic"]["new"] = {}


def test_a_code_that_the_pack_forgot_shows_as_itself():
    assert load_pack().name("topic", "long_gone") == "long_gone"
    assert load_pack().name("topic", None) == ""
    assert load_pack().name("place_type", "household", "en") == load_pack()["place_type"]["household"]["en"]
