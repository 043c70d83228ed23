"""The manual stands in the app, for every person, in both languages, and says what a web page cannot prove."""

import re
from io import BytesIO

import pytest
from PIL import Image


@pytest.mark.parametrize(("lang", "words"), [("zh_Hans_CN", "证明不了什么"), ("en", "What it cannot prove")])
def test_the_manual_has_a_part_for_everybody(app, lang, words):
    client = app.test_client()
    client.set_cookie("lang", lang)
    page = client.get("/help").text
    assert words in page
    parts = ("field", "supervisor", "village", "station", "reporter", "county", "cannot")
    assert all(f'id="{part}"' in page and f'href="#{part}"' in page for part in parts)


def test_a_stranger_finds_the_manual(app):
    assert 'href="/help"' in app.test_client().get("/sign-in").text


@pytest.mark.parametrize("lang", ["zh_Hans_CN", "en"])
def test_steps_and_desks_have_their_pictures_in_the_readers_language(app, lang):
    client = app.test_client()
    client.set_cookie("lang", lang)
    pictures = re.findall(r'<img class="screen[^"]*" src="([^"]+)"', client.get("/help").text)
    names = {path.rpartition("/")[2].partition(".")[0] for path in pictures}
    assert all(name.startswith(lang[:2]) for name in names)
    assert {int(name.split("-")[1]) for name in names if name.split("-")[1].isdigit()} == set(range(1, 11))
    assert {"supervisor", "village", "station", "papers", "reporter", "county"} < {name.split("-")[1] for name in names}
    for path in pictures:
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert len(answer.data) < 30_000


@pytest.mark.parametrize(("lang", "name"), [("zh_Hans_CN", "五进现场"), ("en", "Wujin Field")])
def test_the_manifest_has_icons_shortcuts_and_screenshots_that_are_there_in_both_languages(app, lang, name):
    client = app.test_client()
    client.set_cookie("lang", lang)
    manifest = client.get("/manifest.webmanifest").json
    assert (manifest["name"], manifest["short_name"], manifest["id"]) == (name, name, "/field/")
    assert all(f"/help/{lang[:2]}-" in line["src"] for line in manifest["screenshots"])
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert [shortcut["url"] for shortcut in manifest["shortcuts"]] == ["/field/scan", "/field/outbox"]
    assert len(manifest["screenshots"]) >= 2
    for line in manifest["icons"] + manifest["screenshots"]:
        picture = client.get(line["src"])
        assert picture.status_code == 200
        assert "x".join(map(str, Image.open(BytesIO(picture.data)).size)) == line["sizes"]


@pytest.mark.parametrize(
    ("agent", "first"),
    [
        ("Mozilla/5.0 (Linux; Android 13; K) Chrome/120.0 Mobile Safari/537.36", "安卓手机，用 Chrome"),
        ("Mozilla/5.0 (Linux; Android 12) Chrome/114.0 HuaweiBrowser/15.0 Mobile Safari/537.36", "华为、小米"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "苹果手机"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50", "在微信里打开的"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36", "电脑"),
        ("", "电脑"),
    ],
)
def test_how_to_install_begins_with_the_readers_own_phone(app, agent, first):
    page = app.test_client().get("/help", headers={"User-Agent": agent}).text
    part = page.partition('id="install"')[2].partition("</section>")[0]
    steps = re.findall(r"<h3[^>]*>(.*?)</h3>", part)
    assert steps[0].startswith(first)
    assert len(steps) == len(set(steps)) == 5
