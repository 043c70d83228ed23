"""Lists as files: CSV that Excel reads as Chinese and never as formulas, typed .xlsx, GeoJSON of open places."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from .sheet import HEAD, Sheet

BOM = "\ufeff"
FORMULA = tuple("=+-@＝＋－＠\t\r\n")  # in Chinese and Japanese settings a spreadsheet takes the wide ones too


def inert(value: Any) -> Any:
    """A text that a spreadsheet would calculate is told to be a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_lines(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """UTF-8 with the mark that lets Excel see it, lines as RFC 4180 has them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([inert(head) for head in heads])
    for number, row in enumerate(rows, 1):
        writer.writerow(["" if value is None else inert(value) for value in row])
        if number % 200 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_file(title: str, dated: str, heads: list[str], rows: Iterable[Iterable[Any]]) -> BinaryIO:
    """A temporary file, at its beginning; whoever takes it closes it."""
    out = TemporaryFile()  # noqa: SIM115
    sheet = Sheet(out, title, dated, [max(10, 2.2 * len(head)) for head in heads])
    sheet.add([inert(head) for head in heads], HEAD, repeat=True)
    for row in rows:
        sheet.add(map(inert, row))
    sheet.close()
    out.seek(0)
    return out


def laid_down(parts: Iterable[bytes]) -> BinaryIO:
    """The whole file before its first byte leaves: a reader that stops half-way must not hold the database meanwhile."""
    out = TemporaryFile()  # noqa: SIM115
    out.writelines(parts)
    out.seek(0)
    return out


def geojson_lines(rows: Iterable[dict]) -> Iterator[bytes]:
    """RFC 7946: WGS-84, longitude first; a row without a point has no geometry."""
    yield b'{"type":"FeatureCollection","features":['
    for number, row in enumerate(rows):
        lat, lon = row.get("lat"), row.get("lon")
        point = None if lat is None or lon is None else {"type": "Point", "coordinates": [lon, lat]}
        told = {key: value for key, value in row.items() if key not in ("lat", "lon")}
        feature = {"type": "Feature", "id": row["id"], "geometry": point, "properties": told}
        yield (b"," if number else b"") + json.dumps(feature, ensure_ascii=False).encode()
    yield b"]}"
