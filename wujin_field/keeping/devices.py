"""Each phone numbers its claims and names the one before: a gap, a fork or a break is a reason to ask, no more.

A claim that was set aside is a link like any other, though it counts nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, select

from ..models import Claim, SetAside
from ..sync import strict_json
from .findings import Finding, finding
from .reading import stream, text


class Link(NamedTuple):
    seq: int
    prev: str | None
    digest: str


def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
    aside = _aside(connection)
    rows = stream(
        connection, select(text(Claim.device_id), Claim.seq, Claim.prev, Claim.digest).order_by(Claim.device_id)
    )
    for device, claims in groupby(rows, lambda row: row.device_id):
        counts["phones"] += 1
        links = {Link(*row[1:]) for row in claims} | aside[device.replace("-", "")]
        yield from _chain(device, sorted(links, key=lambda link: (link.seq, link.digest)))


def _aside(connection: Connection) -> dict[str, set[Link]]:
    """device without dashes → its links that were set aside; few, as each waits for a person."""
    found: dict[str, set[Link]] = defaultdict(set)
    for row in stream(connection, select(SetAside.digest, SetAside.body)):
        try:
            said = strict_json.read(row.body)
            found[said["device"].replace("-", "")].add(Link(said["seq"], said["prev"], row.digest))
        except (strict_json.NotCanonical, KeyError, TypeError):
            continue
    return found


def _chain(device: str, links: list[Link]) -> Iterator[Finding]:
    seq, digests = 0, set[str | None]([None])
    for number, group in groupby(links, lambda link: link.seq):
        here = list(group)
        if number > seq + 1:
            yield finding("device_gap", device, first=seq + 1, last=number - 1)
        elif any(link.prev not in digests for link in here):
            yield finding("device_break", device, seq=number)
        if len(here) > 1:
            yield finding("device_fork", device, seq=number, digests=" and ".join(link.digest for link in here))
        seq, digests = number, {link.digest for link in here}
