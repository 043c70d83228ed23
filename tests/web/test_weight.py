"""What the first opening costs on a slow line. Bytes, not seconds: those live in tests/bench/."""

import re

import pytest

from wujin_field.web.assets import LATER, without_comments


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_the_first_opening_costs_at_most_80_kb_as_served(app, coding):
    """In English too. What a rare screen imports is fetched behind it, by the worker, and costs nobody a wait."""
    first = [path for path in app.config["ASSETS"].shell() if not path.endswith(LATER) or path.endswith("words/en.js")]
    assert weight(app, ["/field/", *first], coding) <= 80_000


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_all_that_a_phone_keeps_costs_at_most_120_kb(app, coding):
    assert weight(app, ["/field/", *app.config["ASSETS"].shell()], coding) <= 120_000


def weight(app, paths, coding):
    client = app.test_client()
    served = [client.get(path, headers={"Accept-Encoding": coding}) for path in paths]
    assert {response.status_code for response in served} == {200}
    return sum(len(response.data) for response in served)


def test_the_visit_page_does_without_htmx(app):
    assert b"htmx" not in app.test_client().get("/field/").data
    assert not [path for path in app.config["ASSETS"].shell() if "htmx" in path]


def test_every_module_that_a_phone_module_imports_is_in_the_shell(app):
    """A lazily loaded worker that was not kept would be missing just when there is no signal."""
    shipped = {path.split("/", 3)[3] for path in app.config["ASSETS"].shell()}
    folder = app.config["ASSETS"]._root
    needed = {
        path.relative_to(folder).as_posix()
        for name in ("phone", "outbox", "elements", "words")
        for path in (folder / "js" / name).glob("*.js")
    }
    assert needed <= shipped
    assert any(name.startswith("vendor/qr-") for name in shipped)


def test_comments_stay_at_home_and_lines_keep_their_numbers():
    source = b"// why\nlet a = 1; // so\n/**\n * @param b\n */\nlet c = '/* no */';\n  // and\nlet d = ' // no';\n"
    assert without_comments(source) == b"\nlet a = 1;\n\n\n\nlet c = '/* no */';\n\nlet d = ' // no';\n"


def test_no_script_has_a_string_over_several_lines_that_would_lose_its_blanks(app):
    folder = app.config["ASSETS"]._root
    long_strings = [
        text for path in (folder / "js").rglob("*.js") for text in re.findall(r"`[^`]*`", path.read_text("utf-8"))
    ]
    assert [text for text in long_strings if "\n" in text] == []
