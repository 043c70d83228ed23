"""Ports that a server of the tests may keep, also while it is stopped.

From 32768 upwards the system hands them out to whoever asks for any, and to every connection that leaves: a station that is
away for a while might find its own taken. These lie below, and each process of the tests has a hundred of its own.
"""

import itertools
import os
import socket
from contextlib import suppress

_FIRST = 12_000 + os.getpid() % 180 * 100
_OURS = itertools.cycle(range(_FIRST, _FIRST + 100))


def free_port() -> int:
    for port in itertools.islice(_OURS, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("every port of ours is taken")
