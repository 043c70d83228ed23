"""What a paper is asked for with: whose, of which days, and the clerk's own words. The figures are never among them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from ..db import local_day, utc_now
from ..domain import Pack
from ..figures.half_year import Table, half_year_table
from ..models import Unit
from ..periods import Period, in_words, numbers_of, read
from .gather import town_of
from .paper import Block, Heading, Paper, Text
from .wording import Layout

FIGURE = re.compile(r"\{(\w+)\}")


class NothingToPrint(Exception):
    """This unit has no such paper for this period; the text says what is missing."""


class Words(msgspec.Struct, forbid_unknown_fields=True):
    """What a clerk decides about one paper. public: None while nobody has decided; the form's own line is printed then.

    number: the document number (发文字号), '' for none.
    texts: key → sentence, with {figures} by name; photos: entry → digests in the order to print; left_out: entries.
    """

    person: str = ""
    reviewer: str = ""
    phone: str = ""
    number: str = ""
    public: bool | None = None
    stamped: bool = False
    texts: dict[str, str] = {}
    photos: dict[str, list[str]] = {}
    left_out: list[str] = []


WORDS = msgspec.json.Decoder(Words)  # as PAPER in paper.py


@dataclass(frozen=True)
class Ask:
    """One paper to make. `about`: the code or id of the one thing it is about, where a kind has many."""

    session: Session
    pack: Pack
    kind: str
    unit: Unit
    period: str
    words: Words = field(default_factory=Words)
    about: str = ""
    today: date = field(default_factory=lambda: local_day(utc_now()))

    @property
    def layout(self) -> Layout:
        return self.pack["report"][self.kind]

    @property
    def span(self) -> Period:
        return read(self.period, self.pack)

    @property
    def path(self) -> str:
        return self.unit.area.path

    @property
    def place(self) -> str:
        """The township and the village, as titles print them."""
        return town_of(self.session, self.unit.area) + self.unit.area.zh

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The layout's lines, filled in; the kind's name under its place where it has none."""
        names = {
            "place": self.place,
            "district": self.place,
            "year": numbers_of(self.period)[0],
            "period": in_words(self.period),
        }
        return tuple(line.format(**names) for line in self.layout.get("title_lines", ["{place}" + self.layout["zh"]]))

    def paper(self, blocks: Iterable[Any], **more: Any) -> Paper:
        """A paper of this unit and period; `more` as in Paper."""
        named = {"title_lines": self.title_lines, "dated": self.span.last.isoformat(), **more}
        return Paper(kind=self.kind, blocks=tuple(blocks), unit=self.unit.zh, **named)

    @property
    def counted(self) -> Table:
        """What counts for this unit in these days; whoever asks has brought the tallies up to date."""
        return half_year_table(self.session, self.pack, self.unit, self.span.first, self.span.last)

    @property
    def window(self) -> str:
        return f"{zh_date(self.span.first)}至{zh_date(self.span.last)}"

    def sections(self, parts: Iterable[Iterable[Any]]) -> tuple[Block, ...]:
        """The headings of the layout, each over its part."""
        pairs = zip(self.layout["sections"], parts, strict=True)
        return tuple(block for heading, part in pairs for block in (Heading(heading), *part))

    def text(self, key: str, pattern: str, figures: Mapping[str, Any] | None = None, style: str = "text") -> Text:
        """A sentence that may be put in other words; its figures are filled in, whatever the words."""
        pattern = self.words.texts.get(key, pattern)
        return Text(fill(pattern, figures or {}), style, key, pattern)

    def phone(self, blank: str) -> str:
        """As typed for this paper; else the unit's own (R164)."""
        return self.words.phone or self.unit.phone or blank

    def named(self, name: str, blank: str = "　　　") -> str:
        return getattr(self.words, name) or blank


def fill(pattern: str, figures: Mapping[str, Any]) -> str:
    """{names} that are no figure of this sentence stay as they are, for somebody to see."""
    return FIGURE.sub(lambda found: str(figures.get(found[1], found[0])), pattern)


def zh_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
