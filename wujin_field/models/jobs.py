"""Long work that a clerk waits for: how far it is, how it ended, and the file it made."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, utc_now

SILENT = timedelta(minutes=2)  # a job that has said nothing for so long died with its server
KEPT = timedelta(days=7)


class Job(Base):
    """kind: posters, import …; state: waiting, running, done, failed. result: plain data for the page that shows it.

    file: name in the data folder's `jobs/`, where the work made one; title is what a person downloads it as.
    """

    __tablename__ = "job"
    id: Mapped[Key]
    kind: Mapped[str]
    title: Mapped[str]
    who_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    result: Mapped[dict]
    file: Mapped[str | None]

    def is_lost(self, now: datetime) -> bool:
        return self.state in ("waiting", "running") and now - self.told_at > SILENT
