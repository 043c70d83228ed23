"""A morning's first claims come all at once, into a process that has read none yet."""

import os
import subprocess
import sys

BEGINNINGS = 120
# Each child is a process that has just started: it has loaded everything and read nothing.
RACE = """
import os, sys, threading
from wujin_field.cast import sealed
from wujin_field.domain import load_pack
from wujin_field.sync.envelope import Refused, read_claim

pack, body = load_pack(), sealed({"kind": "visit", "answers": {"a": {"value": "ok", "photos": []}}, "photos": []})

def read(gate):
    gate.wait()
    try:
        read_claim("visit", "x", body, pack)
    except Refused:
        pass

fallen = 0
for _ in range(int(sys.argv[1])):
    child = os.fork()
    if not child:
        sys.setswitchinterval(1e-6)
        gate = threading.Barrier(12)
        threads = [threading.Thread(target=read, args=[gate]) for _ in range(12)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        os._exit(0)
    fallen += os.waitpid(child, 0)[1] != 0
print(fallen)
"""


def test_no_process_falls_when_twelve_phones_begin_at_once():
    done = subprocess.run([sys.executable, "-c", RACE, str(BEGINNINGS)], capture_output=True, text=True, env=os.environ)
    assert (done.stdout, done.stderr) == ("0\n", "")
