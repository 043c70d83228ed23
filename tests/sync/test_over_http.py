"""The protocol over a real gunicorn and raw sockets: what a bad network, a bad file or a dead server may do to it."""

import base64
import hashlib
import io
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from wujin_field.cast import phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.models import Claim, Receipt, Visit

SERVE = """
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.serving import run
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
run(prepared(read_settings()), "127.0.0.1", 0, when_ready=ready)
"""
PHOTO_LIMIT = 8 * 1024 * 1024


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Station:
    """A town in a data folder, with a server that can be killed and started again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.app = prepared(read_settings(env={}, data_dir=folder))
        with self.app.app_context(), writing() as session:
            town = settle(session)
            self.device, self.token = phone(session, town.person("陈大山"))
            _, self.other_token = phone(session, town.person("唐玉梅"))
        self.mill = town.venue("禾丰粮油加工厂")
        self.start()

    def start(self):
        env = {"WUJIN_DATA_DIR": str(self.folder), "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=env, stdout=subprocess.PIPE, start_new_session=True
        )
        self.port = int(self.process.stdout.readline())

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def talk(self, raw: bytes) -> Answer | None:
        """Send exactly these bytes, close our half, read what comes back; None when nothing does."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            return parsed(received(line))

    def request(self, method, path, body=b"", token=None, **headers) -> bytes:
        lines = {"Host": "wujin", "Connection": "close", "Cookie": f"wujin_device={token or self.token}"}
        lines |= {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def put_photo(self, body, sha256=None, **headers) -> Answer:
        return self.talk(self.request("PUT", photo_path(sha256 or digest(body)), body, **headers))

    def put_visit(self, claim, **headers) -> Answer:
        return self.talk(self.visit_request(claim, **headers))

    def visit_request(self, claim, **headers) -> bytes:
        body = sealed(claim)
        return self.request(
            "PUT", f"/sync/visits/{claim['id']}", body, **{"Content_Digest": content_digest(body), **headers}
        )

    def claim(self, photos=(), **fields):
        lines = [photo_line(body, utc_now()) for body in photos]
        return visit_claim(self.device, self.mill, photos=lines, **fields)

    def count(self, table, *where):
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table).where(*where))

    def files(self):
        return sorted(path.name for path in (self.folder / "photos").rglob("*") if path.is_file())


def received(line) -> bytes:
    parts = []
    try:
        while part := line.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def parsed(raw: bytes) -> Answer | None:
    if not raw:
        return None
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    answer = Answer(int(first.split()[1]), headers, body)
    assert answer.status < 500, raw[:2000]
    return answer


def digest(body):
    return hashlib.sha256(body).hexdigest()


def content_digest(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def photo_path(sha256):
    return f"/sync/photos/{sha256}"


def jpeg(number):
    return picture(number, utc_now(), 295_512_000, 1_062_034_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    station = Station(tmp_path_factory.mktemp("station") / "data")
    yield station
    station.kill()


def assert_problem(answer, status, code):
    assert answer is not None
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] == code
    assert answer.json["title"]
    assert answer.json["detail"]


def cuts(raw):
    """About forty places to cut a request: every kind of border, and evenly in between. Never the whole."""
    body_at = raw.index(b"\r\n\r\n") + 4
    borders = {1, 10, body_at - 3, body_at - 1, body_at, body_at + 1, body_at + 2, len(raw) - 2, len(raw) - 1}
    evenly = {body_at + (len(raw) - body_at) * step // 32 for step in range(32)}
    return sorted(at for at in borders | evenly if 0 < at < len(raw))


# cut, altered, doubled


def test_a_photo_cut_anywhere_is_never_acknowledged_and_leaves_no_file(server):
    body = jpeg(1)
    raw, before = server.request("PUT", photo_path(digest(body)), body), server.files()
    offsets = cuts(raw)
    assert len(offsets) >= 38
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda at: server.talk(raw[:at]), offsets))
    assert [answer.status for answer in answers if answer and answer.status < 400] == []
    assert server.files() == before
    assert server.talk(raw).status == 201


def test_a_photo_that_stops_and_is_left_hanging_leaves_no_file(server):
    body, before = jpeg(2), server.files()
    raw = server.request("PUT", photo_path(digest(body)), body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(raw[: len(raw) // 2])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone without a goodbye
    assert server.talk(raw).status == 201
    assert server.files() == sorted([*before, digest(body)])


def test_a_visit_cut_anywhere_is_never_acknowledged_and_never_stored(server):
    claim = server.claim(note="一家一户敲门入户" * 20)
    raw = server.visit_request(claim)
    offsets = cuts(raw)
    assert len(offsets) >= 38
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda at: server.talk(raw[:at]), offsets))
    assert [answer.status for answer in answers if answer and answer.status < 400] == []
    assert server.count(Visit, Visit.id == claim["id"]) == server.count(Claim, Claim.subject_id == claim["id"]) == 0
    assert server.talk(raw).status == 201


@pytest.mark.parametrize("share", [0, 0.3, 0.6, 1])
def test_a_photo_with_one_changed_byte_is_refused(server, share):
    body = bytearray(jpeg(3))
    sha256, at = digest(bytes(body)), min(int(len(body) * share), len(body) - 1)
    body[at] ^= 0x20
    before = server.files()
    assert_problem(server.put_photo(bytes(body), sha256), 422, "digest_differs")
    assert server.files() == before


def test_a_visit_with_changed_bytes_is_refused(server):
    claim = server.claim()
    raw = server.visit_request(claim).replace(b'"revision":1', b'"revision":2')
    assert_problem(server.talk(raw), 422, "digest_differs")


def test_the_same_visit_three_times_at_once_is_one_visit(server):
    claim = server.claim()
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: server.put_visit(claim), range(3)))
    assert sorted(answer.status for answer in answers) == [200, 200, 201]
    assert [answer.json for answer in answers] == [answers[0].json] * 3
    assert server.count(Visit, Visit.id == claim["id"]) == server.count(Receipt, Receipt.subject_id == claim["id"]) == 1


def test_the_same_photo_three_times_at_once_is_one_photo(server):
    body = jpeg(4)
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: server.put_photo(body), range(3)))
    assert sorted(answer.status for answer in answers) == [200, 200, 201]
    assert [answer.json for answer in answers] == [answers[0].json] * 3
    assert server.files().count(digest(body)) == 1


def test_other_bytes_under_the_same_id_are_409(server):
    claim = server.claim()
    assert server.put_visit(claim).status == 201
    assert_problem(server.put_visit(claim | {"note": "另一版"}), 409, "conflict")


# what is announced


def test_a_photo_of_unknown_length_is_411(server):
    body = jpeg(5)
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    head = server.request("PUT", photo_path(digest(body)), Content_Length=None, Transfer_Encoding="chunked")
    assert_problem(server.talk(head + chunked), 411, "length_required")
    assert digest(body) not in server.files()


def test_a_photo_that_announces_nothing_is_411(server):
    assert_problem(
        server.talk(server.request("PUT", photo_path("ab" * 32), Content_Length=None)), 411, "length_required"
    )


def test_a_visit_of_unknown_length_is_411(server):
    claim = server.claim()
    body = sealed(claim)
    head = server.visit_request(claim, Content_Length=None, Transfer_Encoding="chunked").partition(b"\r\n\r\n")[0]
    chunked = f"\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    assert_problem(server.talk(head + chunked), 411, "length_required")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "12, 13", "9" * 30])
def test_a_nonsense_length_is_never_acknowledged(server, length):
    answer = server.talk(server.request("PUT", photo_path("ab" * 32), b"x" * 12, Content_Length=length))
    assert answer is None or 400 <= answer.status < 500


@pytest.mark.parametrize(
    "said", [None, "", "sha-256=", "sha-256=::", "sha-512=:AAAA:", "md5=:AAAA:", "sha-256=:not base64:"]
)
def test_a_visit_without_a_digest_is_400(server, said):
    assert_problem(server.put_visit(server.claim(), Content_Digest=said), 400, "digest_missing")


def test_a_visit_with_another_digest_is_422(server):
    assert_problem(server.put_visit(server.claim(), Content_Digest=content_digest(b"other")), 422, "digest_differs")


def test_a_visit_under_another_address_is_422(server):
    body = sealed(server.claim())
    raw = server.request("PUT", f"/sync/visits/{uuid7()}", body, Content_Digest=content_digest(body))
    assert_problem(server.talk(raw), 422, "other_address")


def test_a_wrong_field_is_named(server):
    answer = server.put_visit(server.claim(note=7))
    assert_problem(answer, 422, "wrong_shape")
    assert answer.json["field"] == "note"


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[" * 5000, b'{"a":' + b"9" * 5000 + b"}", b'{"a":"\\ud800"}', b"null", b""]
)
def test_bytes_that_are_no_claim_are_400(server, body):
    raw = server.request("PUT", f"/sync/visits/{uuid7()}", body, Content_Digest=content_digest(body))
    answer = server.talk(raw)
    assert_problem(answer, 400, answer.json["code"])


@pytest.mark.parametrize("clock", ["0", "99999999999999", "4102444800000", "9" * 400, "-1", "soon", "1e9", "１２３"])
def test_no_clock_a_phone_may_name_brings_it_down(server, clock):
    answer = server.put_visit(server.claim(started_at=0, ended_at=0), Wujin_Clock=clock.encode().decode("latin-1"))
    assert answer is None or answer.status in (201, 400)


@pytest.mark.parametrize("signature", ["x", "é", "=" * 90, "A" * 86, "A" * 5000])
def test_no_signature_brings_it_down(server, signature):
    assert server.put_visit(server.claim(), Wujin_Signature=signature).status == 201


# what is no photo


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xd8\xff",
        b"x",
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(60),
    ],
    ids=["three bytes", "one byte", "nothing", "a page", "svg", "gif"],
)
def test_what_is_no_photo_is_415_and_leaves_no_file(server, body):
    before = server.files()
    assert_problem(server.put_photo(body, Content_Type="image/jpeg"), 415, "not_a_picture")
    assert server.files() == before


def test_a_hundred_megapixels_are_413_and_leave_no_file(server):
    body, before = png(10_000, 10_000), server.files()
    assert len(body) < 200_000
    assert_problem(server.put_photo(body), 413, "too_many_pixels")
    assert server.files() == before


def png(width, height):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_more_than_eight_megabytes_are_413(server):
    body = jpeg(6)
    body += bytes(PHOTO_LIMIT + 1 - len(body))
    assert_problem(server.put_photo(body), 413, "photo_too_large")
    assert digest(body) not in server.files()


def test_exactly_eight_megabytes_are_taken(server):
    body = jpeg(7)
    body += bytes(PHOTO_LIMIT - len(body))
    assert server.put_photo(body).status == 201


def test_a_claim_over_its_limit_is_413(server):
    assert_problem(server.put_visit(server.claim(beacon={"x": "长" * 90_000})), 413, "claim_too_large")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_pictures_are_taken_by_their_content(server, kind):
    out = io.BytesIO()
    Image.effect_noise((50, 40), 50).convert("RGB").save(out, kind)
    assert server.put_photo(out.getvalue(), Content_Type="text/plain").status == 201


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "%2e%2e%2f%2e%2e%2fx", "AB" * 32, "a" * 63, "a" * 65, "incoming", "a" * 300, "%00" * 64],
)
def test_an_address_that_is_no_digest_is_not_found(server, name):
    before = server.files()
    answer = server.talk(server.request("PUT", photo_path(name), jpeg(8)))
    assert answer.status == 404
    assert server.files() == before


# who asks


def test_only_the_phone_that_sent_a_photo_learns_that_it_is_here(server):
    body = jpeg(9)
    ask = photo_path(digest(body))
    assert server.talk(server.request("HEAD", ask)).status == 404
    assert server.put_photo(body).status == 201
    assert server.talk(server.request("HEAD", ask)).status == 200
    assert server.talk(server.request("HEAD", ask, token=server.other_token)).status == 404
    assert server.talk(server.request("HEAD", ask, token="nobody")).status == 401


@pytest.mark.parametrize(("path", "token", "status"), [("ab" * 32, "nobody", 401), ("no-digest", None, 404)])
def test_a_refusal_waits_until_the_phone_has_spoken(server, path, token, status):
    """Whoever is hung up on while sending sees a broken line, and never learns that it must enrol again."""
    assert server.talk(server.request("PUT", photo_path(path), bytes(6 * 1024 * 1024), token=token)).status == status


def test_a_photo_is_never_handed_out_here(server):
    body = jpeg(9)
    server.put_photo(body)
    assert_problem(server.talk(server.request("GET", photo_path(digest(body)))), 405, "wrong_method")


def test_a_stranger_is_401_and_leaves_nothing(server):
    body, claim, before = jpeg(10), server.claim(), server.files()
    assert_problem(server.put_photo(body, token="nobody"), 401, "not_signed_in")
    assert_problem(server.put_visit(claim, token="nobody"), 401, "not_signed_in")
    assert server.files() == before
    assert server.count(Visit, Visit.id == claim["id"]) == 0


def test_a_claim_in_another_persons_name_is_409(server):
    assert_problem(server.put_visit(server.claim(), token=server.other_token), 409, "other_person")


# the power of an acknowledgement


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    station = Station(tmp_path / "data")
    body = jpeg(11)
    claim = station.claim([body])
    try:
        for round_ in range(3):
            photo, visit = station.put_photo(body), station.put_visit(claim)
            station.kill()
            assert (photo.status, visit.status) == ((201, 201) if round_ == 0 else (200, 200))
            station.start()
            assert station.put_visit(claim).json == visit.json | {"missing": []}
            assert station.talk(station.request("HEAD", photo_path(digest(body)))).status == 200
            assert station.files() == [digest(body)]
    finally:
        station.kill()


def test_a_kill_between_photo_and_visit_costs_only_what_was_not_acknowledged(tmp_path):
    station = Station(tmp_path / "data")
    try:
        acknowledged = []
        for number in range(5):
            claim = station.claim(note=str(number))
            raw = station.visit_request(claim)
            with socket.create_connection(("127.0.0.1", station.port), timeout=60) as line:
                line.sendall(raw)
                if number % 2:
                    assert parsed(received(line)).status == 201
                    acknowledged.append(claim["id"])
                station.kill()
            station.start()
        for visit_id in acknowledged:
            assert station.count(Visit, Visit.id == visit_id) == 1
        assert station.count(Visit) == station.count(Receipt) == station.count(Claim)
    finally:
        station.kill()
