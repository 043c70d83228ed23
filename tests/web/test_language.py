"""The reader chooses the language; the way back is a path of ours."""

import pytest

PAGE = "/sign-in"


@pytest.fixture
def client(app):
    return app.test_client()


def spoken(client, path=PAGE):
    return "en" if '<html lang="en"' in client.get(path).text else "zh"


def test_the_station_speaks_chinese_until_somebody_chooses(client):
    assert spoken(client) == "zh"
    assert '<html lang="en"' not in client.get(PAGE, headers={"Accept-Language": "en"}).text


def test_a_choice_is_kept_for_a_year(client):
    answer = client.post("/language", data={"lang": "en", "back": PAGE})
    assert "Max-Age=31536000" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert spoken(client) == "en"
    client.post("/language", data={"lang": "zh_Hans_CN", "back": PAGE})
    assert spoken(client) == "zh"


def test_opening_a_link_chooses_nothing(client):
    assert client.get("/language?lang=en").status_code == 405
    assert spoken(client) == "zh"


@pytest.mark.parametrize("lang", ["", "xx", "en\r\nSet-Cookie: a=b", "../en", "EN"])
def test_a_language_that_nobody_speaks_is_refused(client, lang):
    answer = client.post("/language", data={"lang": lang})
    assert answer.status_code == 400
    assert "lang=" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("lang", ["xx", "en; path=/", "<script>"])
def test_a_cookie_with_nonsense_is_chinese(client, lang):
    client.set_cookie("lang", lang)
    assert spoken(client) == "zh"


@pytest.mark.parametrize("back", ["/", "/sign-in", "/supervisor/visits/x?all=1", "/v/?name=%E6%9F%B3"])
def test_it_leads_back_to_where_the_form_stood(client, back):
    assert client.post("/language", data={"lang": "en", "back": back}).headers["Location"] == back


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%09/evil.example",
        "/\n/evil.example",
        "/\r\nSet-Cookie: a=b",
        "/\x00/evil.example",
        "/\u2028/evil.example",
        "/\uff0f/evil.example",
        " //evil.example",
        "evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/..//evil.example",
        "/.//evil.example",
        "",
    ],
)
def test_it_never_leads_off_our_site(client, back):
    answer = client.post("/language", data={"lang": "en", "back": back})
    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert target.startswith("/")
    assert resolved(target).startswith("http://localhost/"), target
    assert "Set-Cookie: a=b" not in str(answer.headers)


def resolved(target):
    """Where a browser goes: it drops tabs and line ends, turns backslashes, and then resolves."""
    from urllib.parse import urljoin

    return urljoin("http://localhost/language", target.replace("\t", "").replace("\n", "").replace("\\", "/"))


def test_without_a_way_back_it_leads_home(client):
    assert client.post("/language", data={"lang": "en"}).headers["Location"] == "/"
