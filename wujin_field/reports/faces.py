"""The two Chinese faces of a wheel. A document gets them cut down to its own letters before anything else parses them.

Each face has 65,000 glyphs: fpdf2's font tools read all of them for every document, half a second and 60 MB. HarfBuzz
cuts the few hundred letters of one paper out in two milliseconds.
"""

from functools import cache
from importlib.resources import files
from tempfile import NamedTemporaryFile
from typing import Any

FACES = {"serif": "NotoSerifSC-Regular.otf", "sans": "NotoSansSC-Regular.otf"}
RARE = {"serif_rare": "NotoSerifJP-Regular.otf", "sans_rare": "NotoSansJP-Regular.otf"}  # 𠮷, in somebody's name


def face_file(face: str) -> str:
    if face in RARE:
        return str(files("pylopdf_fonts_jp") / RARE[face])
    return str(files("pylopdf_fonts_zh_cn") / FACES[face])


@cache
def drawable() -> frozenset[int]:
    """The code points that both faces can draw."""
    return frozenset.intersection(*(frozenset(_opened(face).unicodes) for face in FACES))


@cache
def rare() -> frozenset[int]:
    """Those that only the second pair of faces can draw; it is opened for the few papers that need it."""
    return frozenset.intersection(*(frozenset(_opened(face).unicodes) for face in RARE)) - drawable()


def dress(page: Any, letters: str, *faces: str) -> None:
    """Add faces to an fpdf document that prints no other letters than these."""
    from .codes import OwnNumbers

    needed = any(ord(letter) not in drawable() and ord(letter) in rare() for letter in set(letters))
    second = tuple(f"{face}_rare" for face in faces) if needed else ()
    for face in faces + second:
        with NamedTemporaryFile(suffix=".otf") as file:  # fpdf2 takes a path, and keeps the file open by itself
            file.write(cut(face, letters))
            file.flush()
            page.add_font(face, fname=file.name)
        page.fonts[face].subset = OwnNumbers(page.fonts[face])
    page.set_fallback_fonts(second)


def cut(face: str, letters: str) -> bytes:
    """An OpenType font of these letters alone. The same letters are the same bytes."""
    import uharfbuzz as hb  # beside fpdf2: only a printing server should pay for it

    wanted = hb.SubsetInput()
    wanted.sets(hb.SubsetInputSets.UNICODE).set({ord(letter) for letter in letters})
    return hb.subset(_opened(face), wanted).blob.data


def _opened(face: str) -> Any:
    import uharfbuzz as hb

    return hb.Face(hb.Blob.from_file_path(face_file(face)))
