"""Name and password for a desk: set once, tried ten times, the same answer for a name that nobody has."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from wujin_field.cast import phone
from wujin_field.db import db, utc_now, writing
from wujin_field.models import Attempt, AuditRow, Credential, Device, Person
from wujin_field.models.credentials import TRIES, Unfit, common_passwords, set_password, totp, totp_secret, totp_step

GOOD = "江上晚风 1937"


@pytest.fixture
def he(town):
    """何敏, station clerk, with a password."""
    with writing() as session:
        set_password(session, session.get_one(Person, town.person("何敏").id), "何敏", GOOD)
    return town.person("何敏")


def enter(app, name="何敏", password=GOOD, client=None, **more):
    client = client or app.test_client()
    return client, client.post("/sign-in", data={"name": name, "password": password} | more)


def test_a_desk_signs_in_with_name_and_password(app, he):
    client, answer = enter(app)
    assert answer.headers["Location"] == "/station/"
    assert client.get("/station/people").status_code == 200


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app, he):
    pages = [enter(app, name, "nicht richtig")[1] for name in ("何敏", "没有这个人")]
    assert {answer.status_code for answer in pages} == {422}
    assert len({answer.text.replace("没有这个人", "何敏") for answer in pages}) == 1


def test_ten_wrong_tries_and_no_more_whoever_asks(app, he):
    for name in ("何敏", "没有这个人"):
        answers = [enter(app, name, f"falsch {number}")[1].status_code for number in range(TRIES + 3)]
        assert answers == [422] * TRIES + [429] * 3
    assert enter(app)[1].status_code == 429  # a right one too: a stranger cannot tell


def test_names_that_nobody_has_are_forgotten_too(app, he):
    with writing() as session:
        session.add_all(Attempt(subject=str(number), at=utc_now() - timedelta(hours=2)) for number in range(50))
    enter(app, "没有这个人", "falsch")
    assert db.session.scalar(select(func.count(Attempt.id))) == 1


def test_sixteen_guesses_at_once_are_sixteen_tries(app, he):
    from concurrent.futures import ThreadPoolExecutor

    db.session.remove()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: enter(app, password=f"falsch {number}")[1].status_code, range(16)))
    assert answers.count(422) == TRIES


def test_a_stranger_does_not_lock_out_whoever_has_been_here_before(app, he):
    client, _ = enter(app)
    for number in range(TRIES + 1):
        enter(app, password=f"falsch {number}")
    assert enter(app, client=client)[1].status_code == 303


def test_after_an_hour_one_may_try_again(app, he):
    for number in range(TRIES + 1):
        enter(app, password=f"falsch {number}")
    with writing() as session:
        for row in session.scalars(select(Attempt)):
            row.at -= timedelta(hours=1, seconds=1)
    assert enter(app)[1].status_code == 303


@pytest.mark.parametrize(
    ("password", "code"),
    [("kurz", "too_short"), ("password", "too_common"), ("Woaini1314", "too_common"), ("11111112", "too_common"),
     ("12345678901", "too_common"), ("我是何敏123456", "like_the_name"), ("x" * 201, "too_long")],
)  # fmt: skip
def test_a_password_that_anybody_would_guess_is_refused(town, password, code):
    with pytest.raises(Unfit) as refused, writing() as session:
        set_password(session, session.get_one(Person, town.person("何敏").id), "何敏", password)
    assert refused.value.code == code


def test_the_common_ones_are_a_list_with_a_source():
    assert len(common_passwords()) > 3000
    assert not {one for one in common_passwords() if len(one) < 8}


def test_two_people_never_share_a_sign_in_name(he, town):
    with pytest.raises(Unfit) as refused, writing() as session:
        set_password(session, session.get_one(Person, town.person("罗静").id), "何敏", GOOD)
    assert refused.value.code == "name_taken"


def test_the_database_holds_no_password_and_no_code_secret(he):
    row = db.session.scalars(select(Credential)).one()
    assert GOOD not in row.password
    assert totp_secret("station", he.id, "nonce") != totp_secret("other", he.id, "nonce")


# RFC 6238, appendix B (SHA-1), the last six of eight digits
@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_changing_code_is_rfc_6238(at, code):
    assert totp(b"12345678901234567890", at // 30) == code


def test_a_changing_code_is_asked_for_and_works_once(app, he):
    secret = totp_secret(app.config["SETTINGS"].secret_key, he.id, "nonce")
    with writing() as session:
        session.get_one(Credential, he.id).totp_nonce = "nonce"
    assert enter(app)[1].status_code == 422
    code = totp(secret, int(utc_now().timestamp()) // 30)
    assert enter(app, code=code)[1].status_code == 303
    assert enter(app, code=code)[1].status_code == 422
    assert totp_step(secret, code, utc_now(), last=10**9) is None


@pytest.fixture
def desk(app, he):
    return enter(app)[0]


def test_a_password_is_set_on_the_account_page(app, town):
    with writing() as session:
        _, token = phone(session, town.person("罗静"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.post("/account/password", data={"sign_in_name": "罗静", "password": "12345678"}).status_code == 422
    assert "密码设好了" in client.post("/account/password", data={"sign_in_name": "罗静", "password": GOOD}).text
    assert enter(app, "罗静")[1].status_code == 303


def test_the_code_is_switched_on_by_showing_that_it_works(app, desk, he):
    page = desk.post("/account/totp").text
    nonce = re.search(r'name="nonce" value="(\w+)"', page)[1]
    assert desk.post("/account/totp", data={"nonce": nonce, "code": "000000"}).status_code == 422
    secret = totp_secret(app.config["SETTINGS"].secret_key, he.id, nonce)
    code = totp(secret, int(utc_now().timestamp()) // 30)
    assert "动态口令开好了" in desk.post("/account/totp", data={"nonce": nonce, "code": code}).text
    assert enter(app, client=app.test_client())[1].status_code == 422


def test_browsers_are_listed_and_one_is_signed_out(app, desk, he):
    other, _ = enter(app)
    ids = re.findall(r"/account/browsers/([\w-]+)/end", desk.get("/account/").text)
    assert len(ids) == 2
    gone = next(one for one in ids if one != here(desk))
    with writing() as session:
        session.get_one(Device, gone).unsent_count = 3  # as it said when it last asked
    warned = desk.get("/account/").text
    assert warned.count("还是退出") == 1 and "手机里有 3 件没交" in warned
    assert desk.post(f"/account/browsers/{gone}/end").status_code == 303
    assert other.get("/station/").status_code == 302
    assert desk.get("/station/").status_code == 200


def here(client):
    from wujin_field.models.people import token_hash

    db.session.rollback()
    token = client.get_cookie("wujin_device").value
    return db.session.scalar(select(Device.id).where(Device.token_hash == token_hash(token)))


def test_nobody_signs_out_anybody_elses_browser(app, desk, town):
    with writing() as session:
        device, _ = phone(session, town.person("罗静"))
    assert desk.post(f"/account/browsers/{device.id}/end").status_code == 404


def test_a_role_is_given_only_after_the_password_once_more(app, desk, he, town):
    _ten_minutes_later()
    chen = town.person("陈大山")
    said = {"name": "陈大山", "unit": chen.unit_id, "field_role": "volunteer", "access": "supervisor"}
    asked = desk.post(f"/station/people/{chen.id}", data=said)
    assert asked.status_code == 403
    assert 'name="access" value="supervisor"' in asked.text  # what was typed is kept
    assert desk.post(f"/station/people/{chen.id}", data=said | {"again_password": "falsch"}).status_code == 403
    assert desk.post(f"/station/people/{chen.id}", data=said | {"again_password": GOOD}).status_code == 303
    db.session.rollback()
    assert db.session.get(Person, chen.id).access == "supervisor"
    said["access"] = "field_lead"
    assert desk.post(f"/station/people/{chen.id}", data=said).status_code == 303  # not asked again for ten minutes


LISTS = ["/station/sheets/venues/export.xlsx", "/station/sheets/people/export.xlsx", "/station/sheets/plan/export.xlsx",
         "/station/data/visits.csv", "/station/data/venues.geojson"]  # fmt: skip


def test_a_list_leaves_the_house_only_after_the_password_once_more(app, desk, he, town):
    _ten_minutes_later()
    for address in LISTS:
        assert (desk.get(address).status_code, desk.get(address).mimetype) == (403, "text/html"), address
    assert desk.post("/station/data/tokens", data={"name": "县平台", "scope": "visits"}).status_code == 403
    asked = desk.get(LISTS[0], headers={"Referer": "http://localhost/station/sheets/venues"})
    assert 'name="came" value="/station/sheets/venues"' in asked.text
    said = {"back": LISTS[0], "came": "/station/sheets/venues"}
    assert desk.post("/account/again", data=said | {"again_password": "falsch"}).status_code == 403
    given = desk.post("/account/again", data=said | {"again_password": GOOD})
    assert f'content="0;url={LISTS[0]}"' in given.text and 'href="/station/sheets/venues"' in given.text
    assert {desk.get(address).status_code for address in LISTS} == {200}
    trail = db.session.scalars(select(AuditRow.subject_id).where(AuditRow.what == "exported")).all()
    assert trail == ["venues", "people", "plan", "visits", "venues"]


def test_the_way_back_leads_nowhere_else(desk, he):
    for address in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert desk.post("/account/again", data={"back": address, "again_password": GOOD}).status_code == 400


def test_the_link_of_a_desk_is_made_only_after_the_password_once_more(desk, he, town):
    _ten_minutes_later()
    assert desk.post(f"/station/people/{town.person('罗静').id}/invite").status_code == 403
    assert desk.post(f"/station/people/{town.person('陈大山').id}/invite").status_code == 200


def _ten_minutes_later():
    with writing() as session:
        for device in session.scalars(select(Device)):
            device.confirmed_at = utc_now() - timedelta(minutes=11)


def test_a_second_browser_comes_in_by_the_ten_minute_code(app, town):
    with writing() as session:
        _, token = phone(session, town.person("陈大山"))
    first, second = app.test_client(), app.test_client()
    first.set_cookie("wujin_device", token)
    code = re.search(r'id="code">(\w{4} \w{4})', first.post("/account/code").text)[1]
    to = second.get("/enrol/", query_string={"code": code.lower()}).headers["Location"]
    assert second.post(to).headers["Location"] == "/field/"
    assert second.get("/sync/pack").json["person"]["name"] == "陈大山"
    assert app.test_client().post(to).status_code == 410


def test_a_mistyped_code_says_so(app, town):
    assert app.test_client().get("/enrol/?code=AAAABBBB").status_code == 422


def test_who_asks_by_the_poster_is_let_in_on_that_very_phone(app, desk, town):
    phone_, other = app.test_client(), app.test_client()
    said = {"name": "石小满", "unit": town.units["liuxi"].id, "field_role": "volunteer"}
    waiting = phone_.post("/join", data=said).headers["Location"]
    number = re.search(r'id="number">(\d{4})', phone_.get(waiting).text)[1]
    listed = desk.get("/station/joining").text
    assert "石小满" in listed
    assert number in listed
    accept = re.search(r"/station/joining/[\w-]+/accept", listed)[0]
    page = desk.post(accept).headers["Location"]
    assert "石小满" in desk.get(page).text
    enrol = phone_.get(waiting).headers["Location"]
    assert phone_.post(enrol).headers["Location"] == "/field/"
    assert other.post(enrol).status_code == 410


def test_nobody_asks_in_as_more_than_a_field_worker(app, town):
    said = {"name": "某人", "unit": town.units["station"].id, "field_role": "station_clerk"}
    assert app.test_client().post("/join", data=said).status_code == 422


def test_guesses_leave_no_more_rows_than_tries(app, he):
    for number in range(30):
        enter(app, password=f"falsch {number}")
    assert db.session.scalar(select(func.count(Attempt.id))) <= TRIES
