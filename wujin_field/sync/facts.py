"""What the server knows about a claim beside its words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..db import from_ms


@dataclass(frozen=True)
class Facts:
    """What the server adds to a claim. offset: server minus phone clock, zero while the phone's clock is good."""

    digest: str
    author_id: str
    offset: timedelta
    signed: bool
    now: datetime

    def at(self, ms: int) -> datetime:
        """The corrected UTC moment of a phone's time in ms (invariant C4.8)."""
        return from_ms(ms) + self.offset
