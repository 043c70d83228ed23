"""Spreadsheets in and out: one importer for the web page and the command line.

read.py       an .xlsx as lines of text, or sentences that say why not; nothing in it is ever executed
venues.py     people.py, plan.py: what the lines mean; `check` touches nothing, `apply` writes all or nothing
importing.py  a sheet from its bytes to its rows; undoing.py: and back again
write.py      templates and exports; no cell of ours is ever a formula
outlines.py   a GeoJSON of villages, for the picture under the dots
sentences.py  every sentence about a bad row
"""

from .importing import KINDS, check, import_rows
from .undoing import undo

__all__ = ["KINDS", "check", "import_rows", "undo"]
