"""One paper as plain data, whatever its kind: what Word, PDF, Excel and the screen are all written from.

A submitted report keeps this, frozen; its digest names it. Nothing here reaches a table.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from ..canonical import canonical


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """`label` stands under the picture; `missing` in its place when its bytes cannot be had; `stamp` is printed into it."""

    label: str
    sha256: str
    missing: str
    caption: str = ""
    stamp: tuple[str, ...] = ()


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """Level 1 is 一、 in 黑体, level 2 is （一） in 楷体. `kept`: no page ends between it and what follows."""

    text: str
    level: int = 1
    kept: bool = True


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A paragraph, two characters in; `style` is text, line (flush left), signed (the last lines) or large (for old eyes).

    `key` names a sentence that the clerk may put in other words; `pattern` is that sentence with {its figures} unfilled.
    """

    text: str
    style: str = "text"
    key: str = ""
    pattern: str = ""


class Photos(msgspec.Struct, frozen=True, tag="photos"):
    """Pictures side by side under their entry; `key` names the entry."""

    pictures: tuple[Picture, ...]
    key: str = ""


Cell = str | int | float | tuple[Picture, ...] | None


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Every row has one cell per column; a text may hold several lines. `widths` are shares, even when left out.

    `tall`: rows that a pen can write in. `left`: columns that are read, not compared, and so stand flush left.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    tall: bool = False


Block = Heading | Text | Photos | Table


def pictures_of(block: Block) -> tuple[Picture, ...]:
    if isinstance(block, Photos):
        return block.pictures
    rows = block.rows if isinstance(block, Table) else ()
    return tuple(picture for row in rows for cell in row if isinstance(cell, tuple) for picture in cell)


class Seal(msgspec.Struct, frozen=True):
    """What a submitted report carries at its end: where to check it, its digest, the newest checkpoint."""

    address: str
    lines: tuple[str, ...]


class Paper(msgspec.Struct, frozen=True):
    """Top to bottom. `dated` is a local day; it stamps the file, so that the same content is the same file.

    `checkpoint`: the newest signed one when it was handed in, in words.
    `fields` are the same figures by name, for a form of the superior's own (templates); `across` turns the page.
    """

    kind: str
    title_lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    unit: str
    dated: str
    mark: str = ""
    head: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    closing: str = ""
    across: bool = False
    fields: dict[str, Any] = {}
    checkpoint: str = ""
    seal: Seal | None = None

    @property
    def title(self) -> str:
        return "".join(self.title_lines)

    @property
    def pictures(self) -> Iterator[Picture]:
        for block in self.blocks:
            yield from pictures_of(block)

    def counts(self) -> dict[str, int]:
        """What the verification page may tell anybody."""
        tables = [block for block in self.blocks if isinstance(block, Table)]
        entries = sum(isinstance(block, Heading) and block.level == 2 for block in self.blocks)
        return {"entries": entries, "pictures": sum(1 for _ in self.pictures), "rows": sum(len(t.rows) for t in tables)}


PAPER = msgspec.json.Decoder(Paper)  # planned here, once: two threads that plan a shape at the same time crash


def frozen(paper: Paper) -> dict[str, Any]:
    """The paper as JSON values."""
    return msgspec.to_builtins(paper)


def thawed(kept: dict[str, Any]) -> Paper:
    """Raises msgspec.ValidationError."""
    return PAPER.decode(canonical(kept))


def digest_of(kept: dict[str, Any]) -> str:
    """SHA-256 (hex) of the frozen paper without its seal, in canonical JSON."""
    return hashlib.sha256(canonical({**kept, "seal": None})).hexdigest()
