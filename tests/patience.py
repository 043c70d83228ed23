"""Waiting for what has no event to wait for: a server's start, what it has taken in, what it writes down."""

import time
from contextlib import suppress

PATIENCE_S = 60  # for whatever comes in the end: a busy machine is no fault of the code


def until(ready, seconds: float = PATIENCE_S) -> None:
    """Ask again until it is so. Raises TimeoutError; what cannot be asked yet is not so yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if ready():
                return
        time.sleep(0.05)
    raise TimeoutError("it never came to that")
