"""The manual stands in the app, for every person, in both languages, and says what a web page cannot prove."""

import pytest


@pytest.mark.parametrize(("lang", "words"), [("zh_Hans_CN", "证明不了什么"), ("en", "What it cannot prove")])
def test_the_manual_has_a_part_for_everybody(app, lang, words):
    client = app.test_client()
    client.set_cookie("lang", lang)
    page = client.get("/help").text
    assert words in page
    assert all(f'id="{part}"' in page for part in ("field", "supervisor", "station", "cannot"))


def test_a_stranger_finds_the_manual(app):
    assert 'href="/help"' in app.test_client().get("/sign-in").text
