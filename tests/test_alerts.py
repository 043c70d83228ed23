"""A serious hazard reaches a real server over a real line: the right shape, once, again when it was away, nothing personal."""

import json
import threading
from collections import deque
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from wujin_field import alerts
from wujin_field.cast import phone, sealed, settle, visit_claim
from wujin_field.db import db, to_ms, utc_now, uuid7, writing
from wujin_field.models import HazardAlert
from wujin_field.models.hazards import Hazard, take_step
from wujin_field.sync.intake import Sender

NOW = utc_now()


class Robot:
    """Listens on the machine itself; answers what it is told to, 200 and an empty object otherwise."""

    def __init__(self):
        self.heard, self.answers = [], deque()
        robot = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                robot.heard.append((self.path, body))
                status, said = robot.answers.popleft() if robot.answers else (200, {})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Ear)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/robot/send?key=1"


@pytest.fixture
def robot():
    robot = Robot()
    yield robot
    robot.server.shutdown()
    robot.server.server_close()


@pytest.fixture
def found(app):
    """found(place, **hazard) → the id of a serious hazard there."""
    with app.app_context():
        with writing() as session:
            town = settle(session)
            device, _ = phone(session, town.person("陈大山"))

        def found(place="禾丰粮油加工厂", **fields):
            hazard = {"id": uuid7(), "severity": "serious", "category": "ebike", "item": "NS-08", "text": "张大爷家门口充电",
                      "found_at": to_ms(NOW)} | fields  # fmt: skip
            claim = visit_claim(device, town.venue(place), hazards=[hazard])
            sender = Sender(device.id, device.person_id)
            taken = app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender, now=NOW)
            assert taken.status == 201
            return hazard["id"]

        yield found


def told(app, robot, kind="json", secret="", now=NOW):
    address = f"{kind}+{robot.url}" + (f"#{secret}" if secret else "")
    return alerts.send_due(db.engine, replace(app.config["SETTINGS"], alert_url=address), now)


def test_it_is_sent_once(app, robot, found):
    hazard_id = found()
    assert told(app, robot) == 1
    assert told(app, robot, now=NOW + timedelta(days=1)) == 0
    ((_, body),) = robot.heard
    assert body["kind"] == "serious_hazard"
    assert body["area"] == "柳溪村"
    assert body["place"] == "禾丰粮油加工厂"
    assert body["url"].endswith(f"/station/hazards/{hazard_id}")


def test_it_names_no_person_no_home_and_no_position(app, robot, found):
    found("三组12户")
    told(app, robot)
    said = json.dumps(robot.heard, ensure_ascii=False)
    assert not [word for word in ("张大爷", "12户", "三组", "陈大山", "29.5", "106.2") if word in said]
    assert "进家庭" in said or "家庭" in said
    assert "柳溪村" in said


@pytest.mark.parametrize(
    ("kind", "where"),
    [("wecom", ("text", "content")), ("dingtalk", ("text", "content")), ("feishu", ("content", "text"))],
)
def test_each_robot_hears_its_own_shape(app, robot, found, kind, where):
    found()
    assert told(app, robot, kind) == 1
    body = robot.heard[0][1]
    assert "严重隐患" in body[where[0]][where[1]]
    assert body.get("msgtype" if kind != "feishu" else "msg_type") == "text"


def test_a_signed_robot_gets_its_signature_and_never_the_secret(app, robot, found):
    found()
    told(app, robot, "dingtalk", "SEC123")
    found()
    told(app, robot, "feishu", "SEC123")
    (path, _), (_, body) = robot.heard
    assert "timestamp=" in path
    assert "sign=" in path
    assert {"timestamp", "sign"} <= set(body)
    assert "SEC123" not in json.dumps(robot.heard)


def test_a_robot_that_was_away_is_tried_again_later_and_later(app, robot, found):
    found()
    robot.answers += [(500, {}), (200, {"errcode": 45009, "errmsg": "too often"})]
    assert told(app, robot, "wecom") == 0
    assert told(app, robot, "wecom") == 0  # not yet
    assert len(robot.heard) == 1
    assert told(app, robot, "wecom", now=NOW + timedelta(seconds=20)) == 0
    row = db.session.scalars(select(HazardAlert)).one()
    assert "45009" in row.said
    assert told(app, robot, "wecom", now=NOW + timedelta(minutes=2)) == 1
    assert len(robot.heard) == 3


def test_nobody_listens_and_nothing_breaks(app, robot, found):
    found()
    robot.server.shutdown()
    robot.server.server_close()
    assert told(app, robot) == 0
    assert db.session.scalars(select(HazardAlert)).one().next_at > NOW


def test_what_is_a_day_old_or_settled_is_not_sent(app, robot, found):
    hazard_id = found()
    with writing() as session:
        take_step(session, session.get_one(Hazard, hazard_id), "void", None, note="写错了")
    assert told(app, robot) == 0
    found()
    assert told(app, robot, now=NOW + timedelta(hours=25)) == 0
    assert robot.heard == []


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "wecom"),
        ("https://oapi.dingtalk.com/robot/send?access_token=1#SEC", "dingtalk"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/1", "feishu"),
        ("https://town.example/a+b", "json"),
    ],
)
def test_the_robot_is_known_by_its_address(address, kind):
    assert alerts.read_address(address)[0] == kind
