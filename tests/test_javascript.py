"""The phone's own modules, run by node; one sample folder is read by them and by pytest."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.needs("node")
@pytest.mark.parametrize("file", sorted((HERE / "js").rglob("*.test.mjs")), ids=lambda path: path.name)
def test_node(file):
    run = subprocess.run(["node", "--test", str(file)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-4000:]
