"""Both languages complete: every sentence that a page or an answer can say has its English, and none is left over."""

import ast
from pathlib import Path

import pytest
from jinja2 import nodes

import wujin_field
from wujin_field.sheets.sentences import OUTLINES
from wujin_field.sheets.sentences import SENTENCES as OF_SHEETS
from wujin_field.web.problems import ON_A_PAGE, SENTENCES
from wujin_field.words import catalogue, say

PACKAGE = Path(wujin_field.__path__[0])


def sentences_of_templates(app):
    """(template, sentence or None when it is no literal) for every call of _() in every template."""
    for name in app.jinja_env.list_templates(["html"]):
        tree = app.jinja_env.parse(app.jinja_env.loader.get_source(app.jinja_env, name)[0])
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                yield name, call.args[0].value if isinstance(call.args[0], nodes.Const) else None


def sentences_of_python():
    """Every literal given to say() in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                (first,) = node.args[:1]
                if isinstance(first, ast.Constant):
                    yield first.value


@pytest.fixture
def spoken(app):
    refusals = {part for table in (SENTENCES, ON_A_PAGE) for sentence in table.values() for part in sentence}
    refusals |= set(OF_SHEETS.values()) | set(OUTLINES.values())
    return {text for _, text in sentences_of_templates(app)} | set(sentences_of_python()) | refusals


def test_every_template_parses(app):
    for name in app.jinja_env.list_templates(["html"]):
        app.jinja_env.get_template(name)


def test_templates_translate_only_literals(app):
    assert [name for name, text in sentences_of_templates(app) if text is None] == []


def test_every_sentence_has_its_english(spoken):
    assert sorted(spoken - set(catalogue())) == []


def test_no_english_is_left_over(spoken):
    assert sorted(set(catalogue()) - spoken) == []


def test_both_languages_take_the_same_values():
    def values(text):
        return sorted(part.split(")")[0] for part in text.split("%(")[1:])

    assert [zh for zh, en in catalogue().items() for one in en.split(" | ") if values(zh) != values(one)] == []


def test_one_is_not_said_as_many():
    assert [say("%(n)s 次走访", "en", n=n) for n in (1, "1", 2, "1,000")] == [
        "1 visit",
        "1 visit",
        "2 visits",
        "1,000 visits",
    ]
    assert say("%(n)s 次走访", "zh_Hans_CN", n=1) == "1 次走访"


def test_nobody_is_shouted_at():
    assert [text for pair in catalogue().items() for text in pair if "！" in text or "!" in text] == []


def test_an_untranslated_sentence_stays_chinese():
    assert say("还没有翻译的一句", "en") == "还没有翻译的一句"
