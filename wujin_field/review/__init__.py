"""Draw visits for human eyes, put them before those eyes, record the ruling.

queue    what waits, page by page
ruling   the first look, the blind second one, the last word on a 与记录不符
"""

from .queue import Page, next_waiting, queue, waiting_count
from .ruling import NeedsReason, NothingToDecide, NotYours, TooEarly, may_end, may_rule, rule, rulings_of, standing

__all__ = [
    "NeedsReason", "NotYours", "NothingToDecide", "Page", "TooEarly", "may_end", "may_rule", "next_waiting", "queue",
    "rule", "rulings_of", "standing", "waiting_count",
]  # fmt: skip
