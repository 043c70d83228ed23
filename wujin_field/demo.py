"""`wujin demo`: 青禾镇 in a folder of its own, served, with one sign-in link per role."""

import io
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

import click
import qrcode
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from . import create_app
from .cast import fieldwork, settle
from .cast.papers import hand_papers_in
from .cast.places import furnish
from .cast.registers import keep_registers
from .cast.station_life import station_life
from .cast.town import COMMITTEES, TOWN, code_of
from .config import ConfigError, Settings, read_settings
from .db import db, local_day, utc_now, writing
from .domain import load_pack
from .models import Person
from .models.people import invite
from .reports.poster import address
from .serving import check_port
from .serving import run as serve

SIGN_IN = {
    "volunteer": "陈大山", "grid_worker": "周小禾", "fire_officer": "郑毅", "village_clerk": "赵春兰", "station_clerk": "何敏",
    "supervisor": "罗静", "reporter": "秦岚", "lead_view": "冯远", "coordinator": "高原",
}  # fmt: skip
POSTER = "柳溪村消防宣传室"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Shown:
    """What the JSON line holds. period: a month with visits; sign_in: role → link."""

    url: str
    data_dir: str
    poster: str
    units: list[str]
    period: str
    sign_in: dict[str, str]


def run(port: int, folder: Path | None, as_json: bool) -> None:
    """Serve until stopped. Raises ConfigError for a taken port, or a folder that is no demo's."""
    check_port(HOST, port)
    with nullcontext(folder) if folder else passing_folder() as place:
        _serve(port, place, as_json, passing=not folder)


@contextmanager
def passing_folder() -> Iterator[Path]:
    """A folder of ours that goes when we end, however politely we are asked to."""
    ours, folder = os.getpid(), Path(tempfile.mkdtemp(prefix="wujin-demo-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # while the town settles; gunicorn has a handler of its own
    try:
        yield folder
    finally:
        if os.getpid() == ours:  # a worker that gunicorn forked ends through here too
            shutil.rmtree(folder, ignore_errors=True)


def _serve(port: int, folder: Path, as_json: bool, passing: bool) -> None:
    """passing: the folder goes when we end."""
    period = open_folder(folder)
    settings = demo_settings(folder, port)
    if period:
        brought_up(settings)
    else:
        click.echo("青禾镇正在布置，约十秒 · Settling the demo town, about ten seconds", err=True)
        period = people(settings)
    app = create_app(settings)  # a fresh one: the one that was peopled has threads, which do not survive a fork
    text = told(shown(app, settings, period), as_json, passing)
    serve(app, HOST, port, when_ready=lambda _server: click.echo(text))


def open_folder(folder: Path) -> str:
    """Mark the folder as a demo's. The period of the demo that it holds, or nothing. Raises ConfigError."""
    marker = folder / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    period = marker.read_text() if marker.exists() else ""
    if not period and (folder / "wujin.db").exists():
        what = "an unfinished demo" if marker.exists() else "a database that is no demo"
        raise ConfigError(f"{folder} holds {what}; give another --dir")
    marker.touch()
    return period


def demo_settings(folder: Path, port: int) -> Settings:
    """Whatever the environment says, a demo keeps to its folder: nobody's real database gets a town that is none."""
    kept: dict = {
        "data_dir": folder, "station": TOWN["township"]["station"], "photo_store": "file:", "alert_url": "",
        "database_url": f"sqlite:///{folder.resolve() / 'wujin.db'}",
    }  # fmt: skip
    settings, unset = read_settings(**kept), read_settings(env={}, **kept)
    ours = f"http://{HOST}:{port}" if settings.public_url == unset.public_url else settings.public_url
    return replace(settings, public_url=ours)


def brought_up(settings: Settings) -> None:
    """A town that an older version settled gets this version's tables."""
    from .cli import prepared  # the command line imports us

    with prepared(settings).app_context():
        db.engine.dispose()


def people(settings: Settings) -> str:
    """Settle the town and send its fieldwork in; the period that has a whole month of it."""
    from .cli import prepared  # the command line imports us

    app, today = prepared(settings), local_day(utc_now())
    with app.app_context(), writing() as session:
        town = settle(session, today)
        keep_registers(session, town, today)
    fieldwork(app, town, today)
    furnish(app, town, today)
    station_life(app, town)
    hand_papers_in(app, town, today)
    with app.app_context():
        db.engine.dispose()
    period = f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    (settings.data_dir / "demo").write_text(period)
    return period


def shown(app: Flask, settings: Settings, period: str) -> Shown:
    with app.app_context(), writing() as session:
        links = {role: _link(session, settings, name) for role, name in SIGN_IN.items()}
    poster = address(settings.public_url, code_of(POSTER))
    return Shown(settings.public_url, str(settings.data_dir), poster, list(COMMITTEES), period, links)


def told(shown: Shown, as_json: bool, passing: bool = False) -> str:
    """All that is printed, in one piece: whoever reads only the first line may close the pipe.

    passing: its folder goes when it ends.
    """
    lines = [json.dumps(asdict(shown))] if as_json else []
    lines += [
        "",
        "青禾镇演示已启动 · The demo town is up",
        f"  网址 address   {shown.url}",
        f"  数据 data      {shown.data_dir}",
        *(["  停止时删除，要留着请用 --dir · gone when it stops; --dir keeps it"] if passing else []),
    ]
    lines += ["", "登录链接，演示中可反复使用 · Sign-in links, reusable in a demo only"]
    lines += [f"  {_role(role)} · {SIGN_IN[role]}\n    {link}" for role, link in shown.sign_in.items()]
    lines += ["", f"门上的海报 · A poster on a door: {POSTER}", f"  {shown.poster}", "", *_phone(shown, passing)]
    return "\n".join([*lines, "", "按 Ctrl+C 停止 · Ctrl+C stops it"])


def _role(role: str) -> str:
    pack = load_pack()
    table = "field_role" if role in pack["field_role"] else "access"
    names = dict.fromkeys([pack.name(table, role), pack.name(table, role, "en")])
    return " ".join(names) if len(names) > 1 else f"{pack.name(table, role)} {role}"


def _phone(shown: Shown, passing: bool) -> list[str]:
    if shown.url.startswith("https://"):
        return ["用手机扫一扫 · Scan it with a phone", _qr(shown.poster)]
    return [
        "用手机试 · From a phone",
        "  手机浏览器只在 HTTPS 下开放相机、定位和离线功能，请在本服务前放一个 HTTPS 反向代理，",
        "  把 WUJIN_PUBLIC_URL 设为它的网址，再启动一次。",
        "  Phones give camera, position and offline work (service worker) to HTTPS pages only: put a reverse proxy",
        "  with HTTPS before this server, set WUJIN_PUBLIC_URL to its address, and start again:",
        "  WUJIN_PUBLIC_URL=https://… wujin demo" + ("" if passing else f" --dir {shown.data_dir}"),
    ]


def _qr(text: str) -> str:
    out, code = io.StringIO(), qrcode.QRCode(border=2)
    code.add_data(text)
    code.print_ascii(out=out, invert=True)
    return out.getvalue().rstrip("\n")


def _link(session: Session, settings: Settings, name: str) -> str:
    oldest = select(Person).where(Person.name == name).order_by(Person.id).limit(1)  # a namesake may have been invited
    row, token = invite(session.scalars(oldest).one(), reusable=True)
    session.add(row)
    return f"{settings.public_url}/enrol/{token}"
