"""Every list that leaves the house: its columns, its filters, its rows, once for CSV, Excel, GeoJSON and the API.

Homes are in no list by name or position: what is said of them is their village (C4.14, design/evidence.md).
"""

from .listed import checks, fieldwork, holdings, looks, offices, reached, standing
from .listed.shelf import Shelf, Wanted, rows_of

__all__ = ["OUTWARD", "SHELVES", "Shelf", "Wanted", "rows_of"]

ROOMS = (fieldwork, holdings, checks, offices, standing, looks, reached)
SHELVES = {shelf.code: shelf for room in ROOMS for shelf in room.SHELVES}
OUTWARD = {code: shelf for code, shelf in SHELVES.items() if shelf.outward}
