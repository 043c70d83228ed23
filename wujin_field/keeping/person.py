"""`wujin person export|erase ID`: a person's data out, or gone, with the chain still verifying."""

import json
from pathlib import Path

import click
from sqlalchemy.orm import Session

from ..config import ConfigError, read_settings
from ..db import utc_now, writing
from ..models import Person
from ..models.journal import append_audit
from ..models.people import LastClerk, refuse_last_clerk
from ..models.privacy import erase_person, person_data
from ..sync.envelope import is_id
from .commands import _opened as opened


@click.group()
def person() -> None:
    """A person's data out, or gone."""


@person.command("export")
@click.argument("person_id", metavar="ID")
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), help="a file; the terminal when left out")
def export(person_id: str, out: Path | None) -> None:
    """Everything that is about them, as JSON; homes masked."""
    with opened(read_settings()).app_context(), writing() as session:
        told = json.dumps(person_data(session, _find(session, person_id)), ensure_ascii=False, indent=1)
        append_audit(session, utc_now(), None, "exported", "person", person_id)
    if out:
        out.write_text(told, "utf-8")
    click.echo(f"{out}" if out else told)


@person.command("erase")
@click.argument("person_id", metavar="ID")
def erase(person_id: str) -> None:
    """Name, browsers, password, marks; what they did stays counted. There is no way back."""
    with opened(read_settings()).app_context(), writing() as session:
        found = _find(session, person_id)
        try:
            refuse_last_clerk(session, found)
        except LastClerk as error:
            raise ConfigError("this is the station's last clerk; invite another one first") from error
        erase_person(session, found, None, utc_now())
    click.echo(f"{person_id} is erased; wujin verify still holds")


def _find(session: Session, person_id: str) -> Person:
    found = session.get(Person, person_id) if is_id(person_id) else None
    if found is None:
        raise ConfigError(f"there is no person {person_id!r}; the id stands in the address of their page")
    return found
