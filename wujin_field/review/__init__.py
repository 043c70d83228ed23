"""Draw visits for human eyes, put them before those eyes, record the ruling.

queue    what waits, page by page
ruling   the first look, the blind second one, the last word on a 与记录不符
"""

from .acceptance import accept_by_rule
from .draw import NotDone, NothingToDraw, close, draw, waiting
from .queue import Page, next_waiting, queue, waiting_count
from .returns import Returned, open_returns
from .ruling import NeedsReason, NothingToDecide, NotYours, TooEarly, may_end, may_rule, rule, rulings_of, standing

__all__ = [
    "NeedsReason",
    "NotDone",
    "NotYours",
    "NothingToDecide",
    "NothingToDraw",
    "Page",
    "Returned",
    "TooEarly",
    "accept_by_rule",
    "close",
    "draw",
    "may_end",
    "may_rule",
    "next_waiting",
    "open_returns",
    "queue",
    "rule",
    "rulings_of",
    "standing",
    "waiting",
    "waiting_count",
]  # fmt: skip
