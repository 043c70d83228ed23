"""What a register adds up to, by hand."""

from datetime import date
from types import SimpleNamespace

from wujin_field.domain import load_pack
from wujin_field.figures.registers import totals

PACK = load_pack()


def entry(values=None, unit="工作站", joint=(), state="", downloads=()):
    return SimpleNamespace(
        values=values or {}, unit=SimpleNamespace(zh=unit), state=state, day=date(2026, 11, 3),
        files=[SimpleNamespace(downloads=number) for number in downloads],
        units_of=lambda _field: [SimpleNamespace(zh=name) for name in joint],
    )  # fmt: skip


def adds_up(kind, *entries):
    return {total.code: total for total in totals(PACK, PACK["register"][kind], list(entries))}


def chinese(total):
    return {name[0]: number for name, number in total.parts}


def test_three_units_that_release_together_are_three_pairs():
    found = adds_up("joint_notice", entry(unit="甲", joint=["乙", "丙"]), entry(unit="乙", joint=["甲"]))
    assert (
        chinese(found["pairs"]) == {"乙 · 甲": 2, "丙 · 乙": 1, "丙 · 甲": 1}
        or sum(chinese(found["pairs"]).values()) == 4
    )
    assert found["rows"].number == 2


def test_a_share_is_over_people_not_over_surveys():
    found = adds_up(
        "awareness_survey",
        entry({"settlement": "town", "asked": 10, "knew": 10}),
        entry({"settlement": "country", "asked": 90, "knew": 45}),
    )
    assert found["rate"].number == 55
    assert chinese(found["rate_by"]) == {"城镇": 100, "农村": 50}


def test_nobody_asked_gives_no_share():
    assert adds_up("awareness_survey")["rate"].number is None


def test_an_expert_counts_under_each_speciality():
    found = adds_up("expert", entry({"speciality": ["forest", "health"]}), entry({"speciality": ["forest"]}))
    assert chinese(found["by_speciality"]) == {"森林防火": 2, "应急救护": 1}


def test_sites_are_counted_by_how_far_they_are():
    found = adds_up("demonstration_site", entry(state="named"), entry(state="cultivating"), entry(state="named"))
    assert chinese(found["by_state"]) == {"培育中": 1, "已命名": 2}


def test_downloads_of_the_library_add_up():
    assert adds_up("library_item", entry(downloads=[2, 3]), entry())["downloads"].number == 5
