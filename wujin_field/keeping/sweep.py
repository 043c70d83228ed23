"""Bytes that nobody will ask for: stored files no row knows, after 30 days, and cut uploads, after one."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from ..config import Settings
from ..db import db, utc_now, writing
from ..models import Photo
from ..sync.vault import Vault
from .photos import orphans

CUT_GRACE = timedelta(days=1)


def sweep(app: Flask, dry: bool = False, now: datetime | None = None) -> Counter:
    """Counts: removed, bytes, young_orphans. dry: nothing is touched. Needs the app's context."""
    counts, vault = Counter[str](), app.extensions["vault"]
    for blob in orphans(db.engine, vault, counts, now or utc_now()):
        if dry or _remove(vault, blob.sha256):
            counts.update(removed=1, bytes=blob.bytes)
    return counts


def cut_uploads(settings: Settings, now: datetime | None = None) -> list[Path]:
    """What a power cut left half-received. Every start of the app removes it, so ask before."""
    before = ((now or utc_now()) - CUT_GRACE).timestamp()
    folders = settings.photo_dir / "incoming", settings.data_dir / "incoming"
    return [path for folder in folders for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < before]


def _remove(vault: Vault, sha256: str) -> bool:
    """With the write lock in hand, so that no receipt for it is written between the question and the deed."""
    with writing() as session:
        known = session.scalar(select(Photo.sha256).where(Photo.sha256 == sha256))
        if not known:
            vault.remove(sha256)
    return not known
