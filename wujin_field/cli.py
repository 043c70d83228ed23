"""The `wujin` command. Fails with one sentence on stderr and a non-zero code, never with a traceback."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from . import create_app, review
from .beginnings import begin, refuse_another_key
from .config import STATION_ZONE, ConfigError, Settings, read_settings
from .db import db, utc_now, writing
from .domain import PackError, load_pack, shipped_pack
from .evidence.examination import Examination
from .figures.tallies import up_to_date
from .keeping import commands as keeping
from .keeping.person import person
from .migrations import upgrade as migrate
from .models import Person, Unit
from .models.people import clean_person_name
from .models.people import invite as new_invite
from .periods import NoPeriod
from .reports.handing_in import current
from .reports.kinds import KINDS, WRITERS, Ask, NothingToPrint, write
from .reports.printing import printed
from .review.sheet import lines_of, sheet
from .sheets import KINDS as SHEETS
from .sheets import check as check_sheet
from .sheets import import_rows
from .sheets.sentences import SENTENCES as SHEET_SENTENCES
from .sync.receipt import from_base64url
from .words import counted, say


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """五进现场 · Wujin Field. Settings are WUJIN_* variables, see the README."""


def main() -> None:
    """Entry point: every known failure becomes one sentence."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        asked = error.ctx.command_path if error.ctx else "wujin"
        _fail(f"{error.format_message().rstrip('.')}; see {asked} --help", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except (ConfigError, PackError, NothingToPrint) as error:
        _fail(str(error))
    except SQLAlchemyError as error:
        _fail(f"the database refused: {str(getattr(error, 'orig', error)).splitlines()[0]}")
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))


def _fail(sentence: str, code: int = 1) -> None:
    click.echo(f"wujin: {sentence}", err=True)
    sys.exit(2 if sys.argv[1:2] == ["verify"] else code)  # of that command 1 says: looked at, and only warnings


@cli.command()
def upgrade() -> None:
    """Bring the database to what this version expects."""
    prepared(read_settings())
    click.echo("up to date")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve with gunicorn and the safe settings; migrates first."""
    settings = read_settings()
    if settings.on_sqlite and workers > 1:
        raise ConfigError("SQLite is written by one process: use --workers 1, or PostgreSQL (WUJIN_DATABASE_URL)")
    from .serving import check_port, run

    check_port(host, port)
    app = create_app(settings)
    if not (child := os.fork()):  # what a migration loads would stay in memory for as long as we serve
        prepare(app)
        with app.app_context():
            refuse_another_key(db.session(), app.extensions["signer"])
            db.session.remove()
            db.engine.dispose()
        os._exit(0)  # half a second less than to take down all that it got from us
    if status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(status)
    run(app, host, port, workers)


@cli.command()
@click.option(
    "--role", required=True, help="a field role or an access code of roles.toml, such as volunteer or supervisor"
)
@click.option("--name", required=True)
@click.option("--unit", "unit_code", help="the unit's code; the station when left out")
@click.option("--json", "as_json", is_flag=True)
def invite(role: str, name: str, unit_code: str | None, as_json: bool) -> None:
    """Print one single-use enrolment link."""
    settings = read_settings()
    with prepared(settings).app_context(), writing() as session:
        person = _person(role, name, find_unit(unit_code))
        session.add(person)
        session.flush()
        row, token = new_invite(person)
        session.add(row)
        answer = {"url": f"{settings.public_url}/enrol/{token}", "expires": row.expires_at.isoformat()}
        until = f"{row.expires_at.astimezone(STATION_ZONE):%Y-%m-%d %H:%M} {STATION_ZONE}"
    click.echo(json.dumps(answer) if as_json else f"{answer['url']}\nfor one browser, once, until {until}")


@cli.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--unit", "unit_code", required=True)
@click.option("--period", required=True, help="2026-11, 2026, 2026-H1 (half year) or 2026-Q4 (quarter)")
@click.option("--format", "form", default="docx", type=click.Choice(sorted(WRITERS)), show_default=True)
@click.option("--about", default="", help="one venue's code, person's name, activity or visit, where a kind has many")
@click.option("-o", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def report(kind: str, unit_code: str, period: str, form: str, about: str, out: Path) -> None:
    """Write one paper to a file: as it was handed in, or as it stands today."""
    app = prepared(read_settings())
    with app.app_context():
        try:
            up_to_date(load_pack())
            ask = Ask(db.session(), load_pack(), kind, find_unit(unit_code), period, about=about)
            paper = current(ask, app.config["SETTINGS"])
        except ValueError as error:
            raise ConfigError(
                f"--period {period!r} is no period of this paper; write 2026-11, 2026, 2026-H1 or 2026-Q4"
            ) from error
        with out.open("wb") as file:
            write(paper, form, printed(app.extensions["pictures"]), file)
    click.echo(f"{out}")


@cli.command("import")
@click.argument("kind", type=click.Choice(sorted(SHEETS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="look at every row, change nothing")
def import_sheet(kind: str, file: Path, dry_run: bool) -> None:
    """Take in a filled-in .xlsx; every bad row is named, and nothing is imported unless all rows are good."""
    settings = read_settings()
    with prepared(settings).app_context(), file.open("rb") as body:
        path = find_unit(None).area.path
        sheet = check_sheet(db.session(), load_pack(), kind, body, file.name, path, None)
        for problem in sheet.problems:
            click.echo(bad_row(problem, settings.lang), err=True)
        if sheet.problems:
            todo = counted(len(sheet.problems), "thing")
            raise ConfigError(f"nothing was imported: {todo} in {file.name} to change")
        if not dry_run:
            with writing() as session:
                session.add(sheet)
                session.flush()
                import_rows(session, load_pack(), sheet, None)
        written = "; a dry run, nothing was written" if dry_run else ""
        click.echo(f"new: {sheet.new}, changed: {sheet.changed}, as before: {sheet.same}{written}")


def bad_row(problem: dict, lang: str) -> str:
    """One line: the Excel row, the column and the sentence, in the station's language."""
    where = " ".join(filter(None, [f"row {problem['row']}" if problem["row"] else "", problem["column"]]))
    text = say(SHEET_SENTENCES[problem["code"]], lang)
    return f"{where}: {text % problem['values'] if problem['values'] else text}".removeprefix(": ")


@cli.command()
@click.option("--period", required=True, help="a week, 2026-W48, or a month, 2026-11")
@click.option("--seed", help="printed with the sample; left out, one is made")
@click.option("--unit", "unit_code", help="the unit's code; the station when left out")
@click.option("--json", "as_json", is_flag=True)
def draw(period: str, seed: str | None, unit_code: str | None, as_json: bool) -> None:
    """Draw a spot-check batch. Same seed, same sample; what another draw covers is not drawn again."""
    with prepared(read_settings()).app_context(), writing() as session:
        try:
            batch = review.draw(session, find_unit(unit_code), period, seed)
        except NoPeriod as error:
            raise ConfigError(f"--period {period!r} is no period; write 2026-W48 or 2026-11") from error
        except review.NothingToDraw as error:
            raise ConfigError(f"nothing to draw: no visit came in {period} that no other draw covers") from error
        click.echo(json.dumps(sheet(batch), ensure_ascii=False) if as_json else "\n".join(lines_of(batch)))


@cli.command()
@click.option("--again", is_flag=True, help="also visits that were looked at before: the rules of today over the past")
@click.option("--days", default=31, show_default=True, type=click.IntRange(1, 4000), help="with --again: how far back")
def examine(again: bool, days: int) -> None:
    """Look at what came, as the server does by itself; with --again at all of it anew."""
    app, now = prepared(read_settings()), utc_now()
    with app.app_context():
        looking = Examination(db.engine, from_base64url(app.extensions["signer"].public_key))
        done = sum(iter(looking.examine_waiting, 0))
        again_done = list(looking.examine_again(now - timedelta(days=days), now))[-1:] if again else []
    click.echo(f"looked at {counted(done + sum(again_done), 'visit')}")


@cli.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="kept; a temporary one by default"
)
@click.option("--json", "as_json", is_flag=True, help="print one line of JSON first")
def demo(port: int, folder: Path | None, as_json: bool) -> None:
    """A whole town with a month of visits, served, with one sign-in link per role."""
    from .demo import run

    run(port, folder, as_json)


keeping.register(cli)
cli.add_command(person)


def prepared(settings: Settings) -> Flask:
    """The app with its tables made and the shipped data in place."""
    app = create_app(settings)
    prepare(app)
    return app


def prepare(app: Flask) -> None:
    migrate(app)
    with app.app_context(), writing() as session:
        begin(session, app.config["SETTINGS"], shipped_pack())


def find_unit(code: str | None) -> Unit:
    """Raises ConfigError naming the codes that exist."""
    wanted = Unit.code == code if code else Unit.unit_kind == "station"
    unit = db.session.scalar(select(Unit).where(wanted).limit(1))
    if unit is None:
        known = ", ".join(db.session.scalars(select(Unit.code).order_by(Unit.code)).all())
        raise ConfigError(f"there is no unit {code!r}; known: {known}")
    return unit


def _called(name: str) -> str:
    try:
        return clean_person_name(name)
    except ValueError as error:
        raise ConfigError("--name is empty; write the person's name") from error


def _person(role: str, name: str, unit: Unit) -> Person:
    pack, name = load_pack(), _called(name)
    if role in pack["field_role"]:
        return Person(name=name, field_role=role, access=pack["field_role"][role]["access"], unit_id=unit.id)
    if role in pack["access"]:
        return Person(name=name, field_role=role, access=role, unit_id=unit.id)
    raise ConfigError(f"{role!r} is no role; use one of {', '.join([*pack['field_role'], *pack['access']])}")
