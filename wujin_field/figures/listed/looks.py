"""What waits for a supervisor: the visits of a batch, and what was returned, disputed, to be asked about or seen again."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...db import local_day, utc_now
from ...domain import Pack
from ...models import Area, Batch, Person, Visit
from ...review import agenda, audits, open_returns
from ...review.sheet import visit_number
from .shelf import AREA, DAY, ID, PLACE, STATE, VENUE, VISIT_STATES, Shelf, Wanted, open_name, told, within

SUPERVISOR = ("supervisor",)


def _drawn(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """Of one batch (code: its id), in the order of the printed sheet; a state as the reader may know it."""
    batch = session.scalar(within(select(Batch).join(Area).where(Batch.id == wanted.code), wanted))
    reasons = pack.files["spot_check"]["sampling"]["reason"]
    for one in agenda.agenda(session, batch, session.get_one(Person, wanted.reader)) if batch else ():
        yield _place(pack, one.visit) | {"author": one.visit.author.name, "reason": reasons.get(one.reason, one.reason),
               "flags": one.flags, "state": VISIT_STATES[one.state]}  # fmt: skip


def _followups(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """In the order of the page; `due` is the last day, where there is one."""
    here, now = Area.path.startswith(wanted.area_path, autoescape=True), utc_now()
    for back in open_returns(session, here, now):
        yield _waiting(pack, "退回后还没补", back.visit, back.visit.author.name, back.ruling.reason)
    for dispute in agenda.disputes(session, here, session.get_one(Person, wanted.reader), now):
        said = dispute.visit.author.name, dispute.ruling.reason, told(local_day(dispute.until))
        yield _waiting(pack, "与记录不符，等复核", dispute.visit, *said)
    for call in agenda.open_call_backs(session, here):
        yield _waiting(pack, "要回访", call.visit, due=told(call.due))
    for audit in audits.open_audits(session, here):
        hazard = audit.hazard
        row = _waiting(pack, "销号要复核", hazard.visit, due=told(audit.due))
        name = open_name(hazard.visit, hazard.venue)
        yield row | {"id": hazard.id, "venue": name, "text": hazard.text if name else ""}


def _waiting(pack: Pack, what: str, visit: Visit, author: str = "", text: str = "", due: str = "") -> dict:
    return _place(pack, visit) | {"what": what, "author": author, "text": text, "due": due}


def _place(pack: Pack, visit: Visit) -> dict:
    return {"id": visit.id, "visit": visit_number(visit.id), "day": told(visit.day), "area": visit.area.zh,
            "place_type": pack.name("place_type", visit.place_type), "venue": open_name(visit, visit.venue)}  # fmt: skip


WHERE = {"id": ID, "visit": ("走访编号", "Visit"), "day": DAY, "area": AREA, "place_type": PLACE, "venue": VENUE}
AUTHOR = ("走访人", "Visitor")
SHELVES = (
    Shelf("drawn", "抽中的走访", "Visits of a batch", WHERE | {
        "author": AUTHOR, "reason": ("为什么抽中", "Why drawn"), "flags": ("提示项", "Findings"), "state": STATE},
        filters=("code",), outward=False, listed=_drawn, chosen=True, readers=SUPERVISOR),
    Shelf("followups", "退回、复核和回访", "Returned, disputed, asked again", {
        "what": ("什么事", "What"), **WHERE, "author": AUTHOR, "text": ("说明", "In words"), "due": ("最晚到", "By")},
        filters=(), outward=False, listed=_followups, readers=SUPERVISOR),
)  # fmt: skip
