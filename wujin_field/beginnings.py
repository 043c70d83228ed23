"""What a database holds before anybody has typed: who it is, the shipped checklists, the first station."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .canonical import plain
from .config import ConfigError, Settings
from .db import utc_now, uuid7
from .domain import Pack
from .models import Area, Checklist, Instance, Receipt, Unit
from .sync.receipt import Signer, from_base64url, verifies


def begin(session: Session, settings: Settings, pack: Pack) -> None:
    """Idempotent; run after every upgrade, so that a new version's checklists arrive beside the old ones."""
    if session.scalar(select(Instance.id)) is None:
        session.add(Instance(id=uuid7(), made_at=utc_now()))
    held = {(row.code, row.version) for row in session.scalars(select(Checklist))}
    session.add_all(
        Checklist(code=code, version=template["version"], body=template)
        for code, template in pack["template"].items()
        if (code, template["version"]) not in held
    )
    if session.scalar(select(Unit.id).limit(1)) is None and not settings.demo:
        _first_station(session, settings)


def _first_station(session: Session, settings: Settings) -> None:
    area = Area(id=uuid7(), code="town", zh=settings.station, area_kind="township", path="town/", settlement="country")
    session.add(area)
    session.add(Unit(id=uuid7(), code="station", zh=settings.station, unit_kind="station", area_id=area.id))


def refuse_another_key(session: Session, signer: Signer) -> None:
    """Several nodes sign with one key, or phones take the receipts of all but one for forged. Raises ConfigError."""
    newest = session.scalar(select(Receipt.body).order_by(Receipt.server_seq.desc()).limit(1))
    if newest is None or newest["instance"] != session.scalar(select(Instance.id)):  # restored: phones ask anew
        return
    statement = {name: value for name, value in newest.items() if name != "sig"}
    if not verifies(from_base64url(signer.public_key), from_base64url(newest["sig"]), plain(statement)):
        raise ConfigError(
            "the newest receipt in this database was signed with another key: every node needs the same "
            "signing-key.pem in WUJIN_DATA_DIR; copy it from the first node, or from a backup"
        )
