"""Every setting: its variable, its default, one line of why. Nothing else reads the environment."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

STATION_ZONE = ZoneInfo("Asia/Shanghai")  # days, weeks and months are the station's; storage is UTC
LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}
PHOTO_BYTES_MAX = 8 * 1024 * 1024  # phones send about 300 KB; a file input may hand over a larger one
DATABASES = ("sqlite:///", "postgresql+psycopg://")
SET_ASIDE_MAX = 200  # of one phone: claims that a person has to look at, of up to 256 KB each
CLAIM_BYTES_MAX = 256 * 1024  # contract, sync protocol 3


class ConfigError(Exception):
    """A setting that we cannot run with; its text is one sentence for the operator."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides; see README, Settings.

    data_dir: database file, photos, keys. database_url: SQLAlchemy address. photo_store: `file:` or s3://bucket/prefix.
    public_url: without trailing slash, carried by QR codes and links. station: name of the first station.
    alert_url: a robot that hears of serious hazards, or nothing (alerts.py).
    worker: False sends phones the kill switch in place of their service worker.
    """

    data_dir: Path
    database_url: str
    photo_store: str
    public_url: str
    secret_key: str
    station: str
    lang: str
    alert_url: str = ""
    demo: bool = False
    metrics: bool = False
    worker: bool = True

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def photo_dir(self) -> Path:
        return self.data_dir / "photos"


def read_settings(env: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Settings from WUJIN_* variables; `given` (a test, the demo) wins over them. Raises ConfigError."""
    env = os.environ if env is None else env
    data_dir = Path(str(given.pop("data_dir", None) or env.get("WUJIN_DATA_DIR") or "data")).resolve()
    data_dir.mkdir(parents=True, mode=0o700, exist_ok=True)  # with photos of people in it
    values: dict = {
        "data_dir": data_dir,
        "database_url": env.get("WUJIN_DATABASE_URL") or f"sqlite:///{data_dir / 'wujin.db'}",
        "photo_store": env.get("WUJIN_PHOTO_STORE") or "file:",
        "public_url": env.get("WUJIN_PUBLIC_URL") or "http://127.0.0.1:8000",
        "secret_key": env.get("WUJIN_SECRET_KEY") or _kept_secret(data_dir / "secret-key"),
        "station": env.get("WUJIN_STATION") or "消防工作站",
        "lang": env.get("WUJIN_LANG") or "zh_Hans_CN",
        "alert_url": env.get("WUJIN_ALERT_URL") or "",
        "demo": (data_dir / "demo").exists(),
        "metrics": env.get("WUJIN_METRICS") == "1",
        "worker": env.get("WUJIN_WORKER") != "off",
    } | given
    values["public_url"] = values["public_url"].rstrip("/")
    _check(values)
    return Settings(**values)


def _check(values: dict) -> None:
    if values["lang"] not in LANGUAGES:
        raise ConfigError(f"WUJIN_LANG is {values['lang']!r}; use one of {', '.join(LANGUAGES)}")
    if not values["database_url"].startswith(DATABASES):  # never shown: it may hold a password
        raise ConfigError(f"WUJIN_DATABASE_URL must begin with {' or '.join(DATABASES)}")
    if not _names_a_database(values["database_url"]):
        shape = "sqlite:////folder/file.db or postgresql+psycopg://user@host:5432/name"
        raise ConfigError(f"WUJIN_DATABASE_URL names no database that outlives the server; write {shape}")
    if not re.fullmatch(
        r"file:|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'()/-]*)?", values["photo_store"], re.ASCII
    ):
        raise ConfigError(f"WUJIN_PHOTO_STORE is {values['photo_store']!r}; use file: or s3://bucket/prefix")
    if not values["public_url"].startswith(("http://", "https://")):
        raise ConfigError(f"WUJIN_PUBLIC_URL is {values['public_url']!r}; it must begin with https:// (or http://)")
    if values["alert_url"] and not re.match(r"(wecom\+|dingtalk\+|feishu\+|json\+)?https?://[^/]", values["alert_url"]):
        raise ConfigError("WUJIN_ALERT_URL must be an address that begins with https:// (or http://)")


def _names_a_database(url: str) -> bool:
    """What lives in memory would be acknowledged and forgotten."""
    from sqlalchemy import make_url  # here, for the darkroom of photos lives without it
    from sqlalchemy.exc import ArgumentError

    try:
        name = make_url(url).database or ""
    except (ArgumentError, ValueError):
        return False
    return bool(name) and name != ":memory:" and not name.startswith("file:")


def _kept_secret(path: Path) -> str:
    """Made on first start, kept 0600: links and cookies must survive a restart."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48).encode())
    return path.read_text()


def write_private(path: Path, content: bytes) -> None:
    """Write `content` readable by the owner alone; the first writer wins, so two workers agree on one key.

    The name appears only once the whole content is durable: whoever sees the file reads all of it.
    """
    handle, whole = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # 0600 from the start
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(whole, path)
    except FileExistsError:
        return
    finally:
        os.unlink(whole)


def shipped(name: str) -> Path:
    """The folder `static` or `templates`: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
