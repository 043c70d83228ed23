"""`wujin verify`, `backup`, `restore`, `sweep`."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError

from .. import create_app
from ..config import ConfigError, Settings, read_settings
from ..db import db
from ..migrations import is_current
from ..sync.receipt import Signer
from ..words import counted
from . import bundle_verifier
from .backup import Told
from .backup import backup as take
from .findings import BROKEN, WARNING, Finding
from .restore import restore as bring_back
from .snapshot import DUMP
from .sweep import cut_uploads
from .sweep import sweep as remove
from .verify import VERDICT, exit_code, mark
from .verify import verify as look

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
WITHOUT_PG_DUMP = "pg_dump is not on the PATH: this holds photos and keys only; run pg_dump -Fc yourself"


def register(cli: click.Group) -> None:
    for command in (verify, backup, restore, sweep):
        cli.add_command(command)


class Unfounded(click.ClickException):
    """There is nothing to verify: that is no warning."""

    exit_code = 2

    def show(self, file=None) -> None:  # type: ignore[no-untyped-def]
        click.echo(f"wujin: {self.message}", err=True)


@click.command()
@click.option("--photos/--no-photos", default=True, show_default=True, help="read and hash every stored photo again")
@click.option("--mark", "marking", is_flag=True, help="tell the phones which photos are damaged, or whole again")
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of lines")
@click.option("--bundle", type=FILE, help="check one evidence bundle instead, against this station's key")
@click.option("--against", type=FILE, help="a checkpoint kept elsewhere: finds a tail that was cut off")
def verify(photos: bool, marking: bool, as_json: bool, bundle: Path | None, against: Path | None) -> None:
    """Recompute the audit chain, receipts, claims, rows, rulings, phones' chains and photos.

    Exit code 0: clean. 1: warnings, nothing is lost. 2: tampered or missing.
    """
    if bundle:
        sys.exit(bundle_verifier.main([str(bundle), *_station_key(read_settings())]))
    app, kept = _opened(read_settings(), Unfounded), _checkpoint(against)
    counts: Counter = Counter()
    with app.app_context():
        found = look(app, counts, photos, against=kept)
        found = _marked(found, counts) if marking else found
        levels = _print_json(found, counts) if as_json else _print(found, counts)
    sys.exit(exit_code(levels))


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
def backup(folder: Path) -> None:
    """Add a dated snapshot of database, keys and photos to DIR; safe while serving.

    Photos that DIR has are not copied again. Keep DIR on another disk: it holds the station's keys.
    """
    settings, begun = read_settings(), time.monotonic()
    snapshot = take(_opened(settings), settings, folder, _progress())
    manifest = snapshot.manifest
    what = ", ".join(_count(*line) for line in manifest.counts.items()) or manifest.database or "photos and keys"
    click.echo(f"{snapshot.folder}\n{what}; {time.monotonic() - begun:.1f} s")
    if not settings.on_sqlite and manifest.database != DUMP:
        click.echo(f"wujin: {WITHOUT_PG_DUMP}", err=True)
    if manifest.absent:
        lost = counted(len(manifest.absent), "photo")
        raise ConfigError(f"the snapshot is there without {lost}, damaged or missing here; wujin verify names them")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--partial", is_flag=True, help="also from a backup that has lost photos")
def restore(folder: Path, partial: bool) -> None:
    """Bring back the newest snapshot in DIR, or the one that DIR is, into WUJIN_DATA_DIR.

    Refuses when a living database is there, or the backup is not whole. Phones then offer again what they kept.
    """
    done = bring_back(read_settings(), folder, _progress(), partial)
    manifest = done.snapshot.manifest
    counts = ", ".join(counted(manifest.counts[f"{name}s"], name) for name in ("visit", "photo") if manifest.counts)
    gone = f"; {counted(done.absent, 'photo')} could not be had" if done.absent else ""
    click.echo(f"restored {counts or 'the database'} as of {manifest.made_at}{gone}")
    click.echo(f"new instance {done.instance}: phones will offer again what they kept; start with wujin serve")


@click.command()
@click.option("--dry-run", "dry", is_flag=True, help="only count")
def sweep(dry: bool) -> None:
    """Remove stored files that no row knows and that are older than 30 days.

    Uploads cut more than a day ago go whenever the app is opened, also by this command with --dry-run.
    """
    settings = read_settings()
    cut = cut_uploads(settings)
    app, verb = _opened(settings), "would remove" if dry else "removed"
    with app.app_context():
        counts = remove(app, dry)
    click.echo(f"{verb} {counted(counts['removed'], 'stored file')} that no row knows ({_size(counts['bytes'])})")
    click.echo(f"kept, younger than 30 days: {counts['young_orphans']}")
    click.echo(f"removed {counted(len(cut), 'upload')} cut more than a day ago")


def _checkpoint(path: Path | None) -> dict | None:
    try:
        return json.loads(path.read_text("utf-8")) if path else None
    except ValueError as error:
        raise Unfounded(f"{path} is no checkpoint") from error


def _station_key(settings: Settings) -> list[str]:
    """None when there is no station here: then the key in the bundle is named as unchecked."""
    key = settings.data_dir / "signing-key.pem"
    return [Signer(key).public_key] if key.exists() else []


def _opened(settings: Settings, failure: type[Exception] = ConfigError) -> Flask:
    """The app over what is there: nothing is made, migrated or begun. Raises `failure`."""
    database = Path(str(make_url(settings.database_url).database))
    if settings.on_sqlite and not database.exists():
        raise failure(f"there is no database at {database}")
    if not (settings.data_dir / "signing-key.pem").exists():
        raise failure(f"{settings.data_dir / 'signing-key.pem'} is missing; put it back from a backup")
    app = create_app(settings)
    try:
        with app.app_context(), db.engine.connect() as connection:
            current = is_current(connection)
    except DatabaseError as error:
        raise failure(f"the database cannot be read: {str(error.orig).splitlines()[0]}") from error
    if not current:
        raise failure("the database is of another version; run wujin upgrade first")
    return app


def _marked(found: Iterator[Finding], counts: Counter) -> Iterator[Finding]:
    for one in found:
        counts["marked"] += mark(one)
        yield one


def _print(found: Iterator[Finding], counts: Counter) -> Counter:
    levels: Counter = Counter()
    for one in found:
        levels[one.level] += 1
        click.echo(f"{one.level}: {one.text} ({one.todo})")
    click.echo(" · ".join(_count(name, number) for name, number in counts.items()))
    click.echo(f"{_verdict(levels)}: {levels[BROKEN]} tampered or missing, {counted(levels[WARNING], 'warning')}")
    return levels


def _print_json(found: Iterator[Finding], counts: Counter) -> Counter:
    """One object, written as it is found: a list of a million lines is never held."""
    levels: Counter = Counter()
    click.echo('{"findings": [', nl=False)
    for number, one in enumerate(found):
        levels[one.level] += 1
        click.echo((", " if number else "") + json.dumps(asdict(one), ensure_ascii=False), nl=False)
    rest = {"counts": counts, "broken": levels[BROKEN], "warnings": levels[WARNING], "verdict": _verdict(levels)}
    click.echo("], " + json.dumps(rest)[1:])
    return levels


def _verdict(levels: Counter) -> str:
    return VERDICT[exit_code(levels)]


def _count(name: str, number: int) -> str:
    return f"{name.replace('_', ' ')} {_size(number) if name == 'photo_bytes' else number}"


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB"


def _progress() -> Told:
    """A line that overwrites itself, for people; a log file gets none."""
    if not sys.stderr.isatty():
        return lambda _text: None
    return lambda text: click.echo(f"\r{text}\x1b[K\r", nl=False, err=True)
