"""Anything, at every door, by anybody: methods × rules of the app's own map, with paths, queries, headers and bodies
that no browser would send. One rule is judged: no answer is 500 or above.

What was taken in is looked at afterwards: ids of accepted visits come back into the addresses that later cases draw,
so a record that poisons a page is found on that page.
"""

import base64
import copy
import hashlib
import json
import logging
import re
import tempfile
import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pictures_hostile import few

from wujin_field.canonical import canonical
from wujin_field.cast import activity_claim, phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.cast.claims import sha256
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import utc_now, uuid7, writing
from wujin_field.models.people import invite

WHO = {"stranger": None, "volunteer": "陈大山", "supervisor": "罗静", "clerk": "何敏"}
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "M-SEARCH"]
NASTY = [
    "",
    " ",
    "\0",
    "\n",
    "\r\nSet-Cookie: a=b",
    "..",
    "../../etc/passwd",
    "..%2f..%2fwujin.db",
    "//evil.example",
    "/\t/evil.example",
    "\\evil",
    "' OR 1=1 --",
    "%",
    "%%%",
    "_",
    "{{7*7}}",
    "${7*7}",
    "%(text)s",
    "%s%n",
    "<script>alert(1)</script>",
    "\u202e名字",
    "🔥" * 70,
    "é" * 300,
    "a" * 3000,
    "0",
    "-1",
    "1e999",
    "NaN",
    "Infinity",
    "9" * 20,
    "9" * 400,
    "-" + "9" * 30,
    "2026-13",
    "0000-00",
    "2026-11",
    "99999-01",
    "2026-1１",
    "१२३",
    "true",
    "null",
    "[]",
    "{}",
    "[" * 5000,
    '{"a":' * 300,
    "=cmd|'/C calc'!A0",
    "_" * 50,
    "1_",
    "0_00000000-0000-0000-0000-000000000000",
    "9999999999999999_" + "0" * 8,
]
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**53 - 1, -(2**53) + 1, 2**63, 10**18, 4_102_444_800_000, 900_000_001, 10**9]
HEADERS = [
    "Accept-Encoding",
    "Accept-Language",
    "Content-Digest",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Expect",
    "Forwarded",
    "Host",
    "HX-Request",
    "HX-Target",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Origin",
    "Range",
    "Referer",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Site",
    "Transfer-Encoding",
    "User-Agent",
    "Wujin-Clock",
    "Wujin-Signature",
    "Wujin-Unsent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-HTTP-Method-Override",
    "X-Original-URL",
]
FORM_FIELDS = ["lang", "back", "result", "reason", "suggestion", "public_key", "name", "code", "csrf", "x"]
QUERY_FIELDS = ["name", "code", "after", "all", "year", "period", "ruled", "next", "lang", "page", "x"]
TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "application/json",
    "image/jpeg",
    "text/plain; charset=utf-7",
    "application/x-www-form-urlencoded; charset=nonsense",
]

TEXT = st.sampled_from(NASTY) | st.text(max_size=40)
LEAF = (
    TEXT
    | st.sampled_from(NUMBERS)
    | st.integers()
    | st.booleans()
    | st.none()
    | st.just([])
    | st.just({})
    | st.just(1.5)
)


@dataclass
class Case:
    who: str
    method: str
    rule: str
    path: str
    query: str = ""
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    terminated: bool = False

    def __str__(self):
        return f"{self.who} {self.method} {self.path[:200]!r} ?{self.query[:200]!r} {self.headers!r:.300} {self.body[:200]!r}"


class Town:
    """A station with people, one visit with a photo, an invitation that is still open; and what it answered."""

    def __init__(self, folder: Path):
        self.app = prepared(read_settings(env={}, data_dir=folder / "data", public_url="http://localhost"))
        self.photos, self.tokens = few(), {}
        with self.app.app_context(), writing() as session:
            town = settle(session)
            self.devices = {who: phone(session, town.person(name)) for who, name in WHO.items() if name}
            row, token = invite(town.person("周小禾"))
            session.add(row)
        self.town, self.mill, self.village = town, town.venue("禾丰粮油加工厂"), town.areas["liuxi"]
        self.ids, self.digests = [uuid7()], ["ab" * 32]
        self.words = [
            token,
            self.mill.code,
            self.mill.id,
            self.mill.zh,
            "liuxi",
            "annex2_monthly",
            "annex1_plan",
            "thumb",
            "page",
            "js/app.js",
            "2026-11",
            "pass",
            "unclear",
            *self.units(town),
        ]
        self.answered: Counter = Counter()
        self.faults: dict[str, tuple[str, str]] = {}  # cause: the first case, its trace
        self.where: dict[str, Counter] = {}  # cause: how often at which rule
        self._watch()
        self._first_visit()

    def units(self, town) -> list[str]:
        return list(town.units)[:4]

    def ask(self, case: Case) -> int:
        client = self.app.test_client()
        if case.who in self.devices:
            client.set_cookie("wujin_device", self.devices[case.who][1])
        self._seen = None
        where = {"PATH_INFO": case.path, "QUERY_STRING": case.query, "wsgi.input_terminated": case.terminated}
        if "Content-Length" in case.headers:  # the client would drop a nought
            where["CONTENT_LENGTH"] = case.headers["Content-Length"]
        try:
            answer = client.open("/", method=case.method, headers=case.headers, data=case.body, environ_overrides=where)
            answer.get_data()
            answer.close()
            status = answer.status_code
        except Exception as error:  # not even the page that says so could be made: a server answers 500
            self._remember_error(error)
            status = 500
        self._note(case, status)
        return status

    def _note(self, case: Case, status: int) -> None:
        self.answered[status] += 1
        if status == 201 and (found := re.search(r"[0-9a-f-]{36}$|[0-9a-f]{64}$", case.path)):
            known = self.ids if len(found[0]) == 36 else self.digests
            known.append(found[0])
        if status >= 500:
            cause = f"{status}: {self._seen or 'nothing was logged'}".splitlines()[0]
            self.faults.setdefault(cause, (str(case), self._seen_trace))
            self.where.setdefault(cause, Counter())[case.rule] += 1

    def _watch(self) -> None:
        """The app answers 500 itself; what it logged tells why."""
        handler = logging.Handler()
        handler.emit = self._remember
        self.app.logger.handlers, self.app.logger.propagate = [handler], False
        self._seen, self._seen_trace = None, ""

    def _remember(self, record: logging.LogRecord) -> None:
        """The exception, where there is one: the line about the request comes after it."""
        if record.exc_info and record.exc_info[1]:
            self._remember_error(record.exc_info[1])
        elif record.levelno >= logging.ERROR and not self._seen:
            self._seen, self._seen_trace = record.getMessage(), ""

    def _remember_error(self, error: BaseException) -> None:
        self._seen, self._seen_trace = type(error).__name__, "".join(traceback.format_exception(error)[-3:])
        ours = [line for line in traceback.extract_tb(error.__traceback__) if "site-packages" not in line.filename]
        self._seen += f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""

    def _first_visit(self) -> None:
        body, device = picture(1, utc_now()), self.devices["volunteer"][0]
        claim = visit_claim(device, self.mill, photos=[photo_line(body, utc_now())])
        for path, content in [(f"/sync/photos/{sha256(body)}", body), (f"/sync/visits/{claim['id']}", sealed(claim))]:
            case = Case("volunteer", "PUT", path, path, headers=announced(content), body=content)
            assert self.ask(case) == 201


def announced(body: bytes) -> dict:
    return {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"}


# what is sent


def cases(town: Town, rule) -> st.SearchStrategy[Case]:
    """Cases for one rule of the map: mostly its own methods and plausible addresses, sometimes neither."""
    plain = st.builds(
        Case,
        st.sampled_from(list(WHO)),
        methods(rule),
        st.just(rule.rule),
        paths(town, rule),
        queries(town),
        headers(),
        bodies(town),
        st.booleans(),
    )
    if rule.endpoint in ("sync.put_visit", "sync.put_activity"):
        return st.one_of(plain, *[claims(town, rule)] * 4)
    if rule.endpoint == "sync.put_photo":
        return st.one_of(plain, photos(town, rule))
    return plain


def methods(rule):
    own = st.sampled_from(sorted(rule.methods))
    return st.one_of(own, own, own, own, st.sampled_from(METHODS))


def paths(town, rule):
    """The rule with something drawn in each of its places; as raw bytes, the way a server hands them over."""
    pieces = re.split(r"<[^>]*>", rule.rule)
    places = re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)
    drawn = st.tuples(*[place(town, converter) for converter, _ in places])
    return drawn.map(lambda filled: raw("".join(a + b for a, b in zip(pieces, (*filled, ""), strict=True))))


def place(town, converter):
    known = st.deferred(lambda: st.sampled_from(town.ids[-40:])) | st.just(town.mill.id)
    if converter == "uuid":
        return st.one_of(known, known, known, st.uuids().map(str), TEXT)
    own = st.sampled_from(town.words) | st.deferred(lambda: st.sampled_from(town.digests[-20:]))
    return st.one_of(own, own, TEXT, known, st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")))


def raw(path: str) -> str:
    return path.encode("utf-8", "surrogatepass").decode("latin-1")


def queries(town):
    value = st.one_of(TEXT, st.sampled_from(town.words), st.deferred(lambda: st.sampled_from(town.ids[-20:])))
    spoken = st.dictionaries(
        st.sampled_from(QUERY_FIELDS), value.map(lambda text: text.encode("utf-8", "replace")), max_size=4
    )
    return st.one_of(st.just(""), spoken.map(urlencode), st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))


def headers():
    value = st.one_of(
        st.sampled_from(
            [
                "same-origin",
                "cross-site",
                "none",
                "true",
                "gzip",
                "bytes=0-",
                "bytes=5-1,99999999999-",
                "empty",
                "*",
                "http://localhost",
                "null",
                "http://[",
                "//",
                "chunked",
                "0",
                "99999999999",
                "1_0",
                "+5",
                "https",
            ]
        ),
        st.sampled_from(TYPES),
        TEXT.map(one_line),
    )
    usual = st.fixed_dictionaries(
        {}, optional={"Sec-Fetch-Site": st.just("same-origin"), "Content-Type": st.sampled_from(TYPES)}
    )
    strange = st.dictionaries(st.sampled_from(HEADERS), value, max_size=4)
    return st.one_of(usual, usual, strange)


def one_line(text: str) -> str:
    """As a header can travel: latin-1, one line, no more than a server lets in."""
    return re.sub(r"[\r\n\0]", " ", text).encode("utf-8", "replace").decode("latin-1")[:2000]


def bodies(town):
    value = st.one_of(TEXT, st.sampled_from(town.words)).map(lambda text: text.encode("utf-8", "replace"))
    form = st.dictionaries(st.sampled_from(FORM_FIELDS), value, max_size=4).map(
        lambda fields: urlencode(fields).encode()
    )
    part = st.tuples(st.sampled_from(FORM_FIELDS), value).map(
        lambda pair: (
            b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--' % (pair[0].encode(), pair[1])
        )
    )
    tree = st.recursive(
        LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
    )
    return st.one_of(
        st.just(b""), form, form, part, tree.map(loose), st.binary(max_size=100), st.sampled_from(town.photos)
    )


def loose(value) -> bytes:
    return json.dumps(value).encode()


def claims(town, rule):
    """A good claim with a few of its values changed, canonical again, under its own digest: only its meaning is wrong."""
    kind = "visit" if "visits" in rule.rule else "activity"
    change = st.tuples(st.integers(0, 60), st.sampled_from(["set", "tail", "drop", "add", "number"]), LEAF)
    return st.builds(
        lambda who, changes, fresh, other: claim_case(town, rule, kind, who, changes, fresh, other),
        st.sampled_from(["volunteer", "volunteer", "clerk", "supervisor"]),
        st.lists(change, max_size=3),
        st.integers(0, 9),
        st.sampled_from(["", "", "", "address", "digest", "loose"]),
    )


def claim_case(town, rule, kind, who, changes, fresh, other):
    claim = whole_claim(town, kind, who)
    if fresh == 0:
        claim["id"], claim["revision"] = town.ids[-1], 2
    for where, how, value in changes:
        bend(claim, where, how, value)
    body = packed(claim) if other != "loose" else loose(claim)
    subject = claim.get("id") if other != "address" else uuid7()
    path = raw(rule.rule.partition("<")[0] + str(subject).replace("\n", ""))
    return Case(who, "PUT", rule.rule, path, headers=announced(body if other != "digest" else b"x"), body=body)


def whole_claim(town, kind, who):
    device, photo = town.devices[who][0], town.photos[0]
    if kind == "activity":
        return activity_claim(device, town.village, organisers=[uuid7()], title="冬季宣传", needs="灭火器")
    place = {"lat_e7": 295512000, "lon_e7": 1062034000, "accuracy_m": 8, "age_ms": 100}
    return visit_claim(
        device,
        town.mill,
        photos=[photo_line(photo, utc_now(), position=place, caption="门口", item="a1")],
        answers={"a1": {"value": "fail", "note": "", "photos": [sha256(photo)]}},
        hazards=[
            {
                "id": uuid7(),
                "severity": "general",
                "category": "fire_safety",
                "text": "堵塞",
                "found_at": 1762131600000,
                "item": "a1",
                "photo": sha256(photo),
                "fixed_on_spot": False,
            }
        ],
        materials={"leaflet": 2},
        enforcement={"order": True},
        team=[uuid7()],
        note="一家一户",
        beacon={"at": 1},
    )


def bend(claim, where, how, value):
    """Change one value, chosen by number among all of them."""
    spots = list(places_in(claim))
    holder, key = spots[where % len(spots)]
    if how == "set":
        holder[key] = copy.deepcopy(value)
    elif how == "drop":
        holder.pop(key)
    elif how == "tail" and isinstance(holder[key], str):
        holder[key] += value if isinstance(value, str) else "\n"
    elif how == "add" and isinstance(holder, dict):
        holder[str(value)[:60]] = copy.deepcopy(holder[key])
    elif how == "number":
        holder[key] = value if isinstance(value, int) else NUMBERS[where % len(NUMBERS)]


def places_in(value):
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places_in(inner)


def packed(claim) -> bytes:
    try:
        return canonical(claim)
    except Exception:  # a value that has no canonical form: then as plain as it comes
        return loose(claim)


def photos(town, rule):
    return st.builds(
        lambda who, body, right: Case(
            who, "PUT", rule.rule, f"/sync/photos/{sha256(body) if right else 'cd' * 32}", body=body
        ),
        st.sampled_from(["volunteer", "clerk"]),
        st.sampled_from(town.photos) | st.binary(max_size=200),
        st.booleans() | st.just(True),
    )


# the run


@contextmanager
def a_town():
    with tempfile.TemporaryDirectory(prefix="wujin-fuzz-") as folder:
        yield Town(Path(folder))


def run(town: Town, count: int, number: int = 0, batch: int = 250) -> int:
    """About `count` cases, evenly over the rules, in rounds: what one round stores, the next one looks at."""
    rules = sorted(town.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    each, done = max(1, min(batch, count // len(rules))), 0
    while done < count:
        for rule in rules:
            part = min(each, count - done)
            done += _some(town, rule, part, number + done) if part > 0 else 0
    return done


def _some(town: Town, rule, count: int, number: int) -> int:
    asked = 0

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(town, rule))
    def every(case):
        nonlocal asked
        asked += 1
        town.ask(case)

    every()
    return max(asked, 1)
