"""Letters in a PDF go by the number that they have in their face (Identity-H), so that every reader finds the text again.

fpdf2 numbers them as they come and adds a table of its own; simple readers (pypdf) do not know it and see two letters for one.
"""

from typing import Any

from fpdf.fonts import SubsetMap
from fpdf.output import OutputProducer
from fpdf.syntax import Name

NO_CODES = range(0xD800, 0xE000)  # fpdf2 writes codes as UTF-16, which has no letters here


def number_of(glyph: Any) -> int:
    """A glyph's CID, as fpdf2 finds it."""
    name = glyph.glyph_name
    return int(name[3:]) if name.startswith("cid") and name[3:].isdigit() else int(glyph.glyph_id)


class OwnNumbers(SubsetMap):
    def __init__(self, font: Any):
        super().__init__(font)
        self._char_id_per_glyph = {glyph: number_of(glyph) for glyph in self._char_id_per_glyph if glyph}

    def pick_glyph(self, glyph: Any) -> int | None:
        if glyph is not None and glyph not in self._char_id_per_glyph:
            taken, number = set(self._char_id_per_glyph.values()), number_of(glyph)
            if number in NO_CODES or number in taken:  # then this face keeps fpdf2's table
                number = next(code for code in range(1, NO_CODES.start) if code not in taken)
            self._char_id_per_glyph[glyph] = number
        return self._char_id_per_glyph.get(glyph)


class Producer(OutputProducer):
    def _add_fonts(self, *args: Any, **more: Any) -> Any:
        written: dict[int, Any] = super()._add_fonts(*args, **more)
        fonts: list[Any] = [font for font in self.fpdf.fonts.values() if font.i in written]
        for font in fonts:
            if all(glyph is None or code == number_of(glyph) for glyph, code in font.subset.items()):
                written[font.i].encoding = Name("Identity-H")
        return written
