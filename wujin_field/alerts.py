"""A serious hazard reaches the station at once: a robot of 企业微信, 钉钉 or 飞书, or plain JSON for whoever builds more.

The row is written with the hazard and sent after its commit by a thread of its own, so that a dead robot holds up nobody.
What is said names a village, an open place and an item of the checklist: no person, no household, no position.
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlsplit

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, joinedload

from .config import Settings
from .db import utc_now
from .domain import load_pack
from .models import Area, Hazard, HazardAlert, Visit
from .models.hazards import STANDING

ROBOTS = {"qyapi.weixin.qq.com": "wecom", "oapi.dingtalk.com": "dingtalk", "open.feishu.cn": "feishu",
          "open.larksuite.com": "feishu"}  # fmt: skip
FIRST_S, LONGEST_S, LEASE_S, PATIENCE_S = 15, 3600, 60, 10
GROUP_MAX = 20


@dataclass(frozen=True)
class News:
    """number: as in the ledger; place: an open venue's name, else its kind; what: the item of the checklist; url: the desk's."""

    number: str
    area: str
    place: str
    what: str
    due: str
    url: str

    def text(self) -> str:
        return (
            f"【五进现场】发现一处严重隐患：{self.area} · {self.place}。{self.what}。"
            f"期限 {self.due}，编号 {self.number or '—'}。请查看：{self.url}"
        )


def send_due(engine: Engine, settings: Settings, now: datetime | None = None) -> int:
    """Try every alert whose time has come; how many were sent. Raises SQLAlchemyError."""
    now, sent = now or utc_now(), 0
    with engine.connect() as connection:
        due = select(HazardAlert.id, HazardAlert.next_at).where(HazardAlert.next_at <= now)
        waiting = connection.execute(due.order_by(HazardAlert.next_at).limit(GROUP_MAX)).all()
    for alert_id, next_at in waiting:
        if next_at and _claim(engine, alert_id, next_at, now):
            sent += _try(engine, settings, alert_id, now)
    return sent


def _claim(engine: Engine, alert_id: str, seen: datetime, now: datetime) -> bool:
    """Whoever moves its time on is the one who sends it: several nodes look at the same rows."""
    mine = update(HazardAlert).where(HazardAlert.id == alert_id, HazardAlert.next_at == seen)
    mine = mine.values(next_at=now + timedelta(seconds=LEASE_S), tries=HazardAlert.tries + 1)
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        return connection.execute(mine).rowcount == 1


def _try(engine: Engine, settings: Settings, alert_id: str, now: datetime) -> bool:
    with Session(engine) as session:
        alert = session.get_one(HazardAlert, alert_id)
        news, stale, tries = _news(session, settings, alert), _is_stale(alert, now), alert.tries
    if news is None or stale:
        return _note(engine, alert_id, None, "no longer needed" if news is None else "nobody took it in time")
    try:
        _post(settings.alert_url, news)
    except (OSError, ValueError) as error:
        wait = min(LONGEST_S, FIRST_S * 2 ** (tries - 1))
        return _note(engine, alert_id, now + timedelta(seconds=wait), str(error)[:200])
    return _note(engine, alert_id, None, "", utc_now())


def _is_stale(alert: HazardAlert, now: datetime) -> bool:
    """After the hours in which the station has to hear of it, the desk's own badge has said it long since."""
    rules = load_pack().files["quotas"]["hazard_due"]
    hours = next(row["report_to_station_hours"] for row in rules if row["severity"] == "serious")
    return now - alert.made_at > timedelta(hours=hours)


def _news(session: Session, settings: Settings, alert: HazardAlert) -> News | None:
    whole = joinedload(Hazard.venue), joinedload(Hazard.visit).joinedload(Visit.area)
    hazard = session.scalars(select(Hazard).where(Hazard.id == alert.hazard_id).options(*whole)).one()
    if hazard.state not in STANDING:
        return None
    address = f"{settings.public_url}/station/hazards/{hazard.id}"
    return News(hazard.label, _village(session, hazard), _place(hazard), _item(hazard), str(hazard.due), address)


def _village(session: Session, hazard: Hazard) -> str:
    """A group of a village is a handful of homes: the name stops above it."""
    codes = hazard.visit.area.path.split("/")
    wide = select(Area.zh).where(Area.code.in_(codes), Area.area_kind.in_(("township", "village", "community")))
    return session.scalar(wide.order_by(func.length(Area.path).desc()).limit(1)) or ""


def _place(hazard: Hazard) -> str:
    venue = hazard.venue
    if venue and venue.privacy == "open":
        return venue.zh
    return load_pack().name("place_type", hazard.visit.place_type)


def _item(hazard: Hazard) -> str:
    """The words of the checklist, never those that somebody typed."""
    items = (item for template in load_pack()["template"].values() for item in template.get("item", []))
    return next((item["zh"].rstrip("。？?") for item in items if item["code"] == hazard.item), "详情见页面")


def _post(address: str, news: News) -> None:
    """Raises OSError when nobody answers well, ValueError when the robot says no."""
    kind, url, secret = read_address(address)
    url, body = SHAPES[kind](url, secret, news)
    asked = urllib.request.Request(
        url, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
        said = answer.read(4096)
    if kind != "json":
        _check_answer(said)


def _check_answer(said: bytes) -> None:
    """A robot that refuses answers 200 and says so inside."""
    told = json.loads(said or b"{}")
    code = next((told[name] for name in ("errcode", "code", "StatusCode") if name in told), 0)
    if code != 0:
        raise ValueError(f"the robot said {code}: {told.get('errmsg') or told.get('msg') or ''}")


def read_address(address: str) -> tuple[str, str, str]:
    """kind, URL, secret: https://…, or wecom+https://…, and the robot's signing secret after a # (it is never sent)."""
    named, plus, rest = address.partition("+")
    kind, address = (named, rest) if plus and named in SHAPES else ("", address)
    parts = urlsplit(address)
    return kind or ROBOTS.get(parts.hostname or "", "json"), parts._replace(fragment="").geturl(), parts.fragment


def _wecom(url: str, _secret: str, news: News) -> tuple[str, dict]:
    return url, {"msgtype": "text", "text": {"content": news.text()}}


def _dingtalk(url: str, secret: str, news: News) -> tuple[str, dict]:
    body = {"msgtype": "text", "text": {"content": news.text()}}
    if not secret:
        return url, body
    at = str(int(time.time() * 1000))
    sign = _signed(secret.encode(), f"{at}\n{secret}".encode())
    return f"{url}{'&' if '?' in url else '?'}timestamp={at}&sign={quote_plus(sign)}", body


def _feishu(url: str, secret: str, news: News) -> tuple[str, dict]:
    body: dict = {"msg_type": "text", "content": {"text": news.text()}}
    if not secret:
        return url, body
    at = str(int(time.time()))
    return url, body | {"timestamp": at, "sign": _signed(f"{at}\n{secret}".encode(), b"")}


def _json(url: str, _secret: str, news: News) -> tuple[str, dict]:
    return url, {"kind": "serious_hazard", **vars(news), "text": news.text()}


def _signed(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


SHAPES: dict[str, Callable[[str, str, News], tuple[str, dict]]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "json": _json,
}


def _note(engine: Engine, alert_id: str, next_at: datetime | None, said: str, sent_at: datetime | None = None) -> bool:
    told = update(HazardAlert).where(HazardAlert.id == alert_id)
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(told.values(next_at=next_at, said=said, sent_at=sent_at))
    return sent_at is not None
