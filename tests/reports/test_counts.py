"""What a sentence counts: in any numerals the same, and ordinary words, names and days count nothing."""

import pytest

from wujin_field.domain import load_pack
from wujin_field.reports.counts import foreign
from wujin_field.reports.numerals import number_of, zh_number

RECORD = "受教育群众57人，发放资料65份，整改隐患2处"


def strange(text, record=RECORD):
    return foreign(text, record, load_pack().files["reports"]["counts"])


@pytest.mark.parametrize("text", [
    "650份", "650 余份", "６５０份", "六百五十份", "六百五十多份", "六五〇份", "陆佰伍拾张", "两百份", "1.2万人", "1,200人",
    "①份", "廿三户", "俩人", "三个人", "数百人", "半数住户", "90%的群众", "百分之九十", "三分之二",
    "九成群众", "人数达到650", "一处隐患",
])  # fmt: skip
def test_another_count_is_told(text):
    assert strange(f"讲解用电，{text}")


@pytest.mark.parametrize("text", [
    "五十七名群众", "五十七人次", "陆拾伍份", "６５份", "两处隐患", "一些群众一起听", "第一次来", "一次演练", "三合一场所",
    "九小场所", "五进", "二十四节气", "119消防月", "12·4宪法日", "11·9张贴标语", "六一户外活动", "三清三关", "四个能力",
    "到千家万户", "到3号楼", "11月3日上午", "二〇二六年", "半小时", "十一处理情况", "119处置", "一次性", "一户一档", "二次供水",
])  # fmt: skip
def test_the_same_count_and_ordinary_words_pass(text):
    assert strange(f"讲解用电，{text}") == []


def test_names_of_the_pack_count_nothing():
    pack = load_pack()
    names = {entry["zh"] for kind in ("topic", "place_type", "form", "event") for entry in pack.get(kind, {}).values()}
    assert len(names) > 40 and {name: strange(name) for name in names if strange(name)} == {}


@pytest.mark.parametrize(
    ("text", "number"), [("两百五", 250), ("三万五", 35000), ("一百零五", 105), ("二十", 20), ("1.5千", 1500)]
)
def test_a_number_is_read_as_it_is_said(text, number):
    assert number_of(text) == number


def test_what_is_written_is_read_back():
    assert all(number_of(zh_number(number)) == number for number in range(1, 1000))
