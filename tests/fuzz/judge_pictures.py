"""Hostile pictures through the gate, the copies and, where it is there, the examination; in a child that may hold 512 MB.

    python tests/fuzz/judge_pictures.py

prints one line of JSON per picture as it goes, so that after a crash the last line names the culprit's neighbour.
"""

import importlib
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

from pictures_hostile import SCRIPT, Hostile, everything
from PIL import Image

from wujin_field.evidence.pictures import SIZES, Pictures, Unreadable
from wujin_field.sync.envelope import Refused
from wujin_field.sync.gate import MEDIA_TYPES, read_header
from wujin_field.sync.vault import FolderVault

MEMORY = 512 * 1024 * 1024
SECONDS_MAX = 6.0  # CPU, for both copies together: 40 megapixels of PNG have no quick decode; all others take a tenth


@dataclass
class Verdict:
    """What became of one picture; wrong: in words, empty when it went by the table."""

    name: str
    gate: str
    copy: str
    seconds: float
    wrong: str


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory(prefix="wujin-hostile-") as folder:
        judge = Judge(Path(folder))
        for number, hostile in enumerate(everything()):
            print(json.dumps(asdict(judge.of(hostile, number))), flush=True)


class Judge:
    def __init__(self, folder: Path):
        self.vault, self.folder = FolderVault(folder / "photos"), folder
        self.pictures = Pictures(self.vault, folder / "copies")

    def of(self, hostile: Hostile, number: int) -> Verdict:
        sha256, began = f"{number:064x}", time.process_time()
        path = self.vault.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hostile.body)
        gate, copy, faults = said_by_the_gate(path), "-", []
        if gate == "taken":
            copy, faults = self._copy(sha256)
            faults += self._examined(path)
        seconds = time.process_time() - began
        return Verdict(
            hostile.name, gate, copy, round(seconds, 3), "; ".join([*faults, *against(hostile, gate, copy, seconds)])
        )

    def _copy(self, sha256: str) -> tuple[str, list[str]]:
        faults = []
        for size in SIZES:
            try:
                faults += not_inert(self.pictures.copy(sha256, size).read_bytes(), SIZES[size])
            except Unreadable:
                return "unreadable", faults
            except BaseException as error:
                return f"raised {type(error).__name__}: {error}", faults
        return "copy", faults

    def _examined(self, path: Path) -> list[str]:
        """evidence.examine, as soon as it exists: whatever it says of such a picture, it says so without an exception."""
        examine = examination()
        if examine is None:
            return []
        try:
            with path.open("rb") as file:
                finding = examine(file)
            return not_inert(finding.thumb, SIZES["thumb"]) if finding.thumb else []
        except BaseException as error:
            return [f"examine raised {type(error).__name__}: {error}"]


def said_by_the_gate(path: Path) -> str:
    try:
        header = read_header(path)
    except Refused as refused:
        return refused.code
    except BaseException as error:
        return f"raised {type(error).__name__}: {error}"
    return "taken" if header.media_type in MEDIA_TYPES.values() else f"let in {header.media_type}"


def examination():
    if importlib.util.find_spec("wujin_field.evidence.examine") is None:
        return None
    module = importlib.import_module("wujin_field.evidence.examine")
    return getattr(module, "examine", None)


def against(hostile: Hostile, gate: str, copy: str, seconds: float) -> list[str]:
    """What went otherwise than the table says."""
    known = {"taken", "not_a_picture", "too_many_pixels"}
    allowed = {"any": known, "any refusal": known - {"taken"}}.get(hostile.gate, {hostile.gate})
    outcomes = {"either": {"copy", "unreadable"}, "-": set()}.get(hostile.copy, {hostile.copy}) | {"-"}
    wrong = [] if gate in allowed else [f"gate: {gate}, not {hostile.gate}"]
    wrong += [] if copy in outcomes else [f"copy: {copy}, not {hostile.copy}"]
    return wrong + ([f"{seconds:.1f} s"] if seconds > SECONDS_MAX else [])


def not_inert(copy: bytes, edge: int) -> list[str]:
    """A copy is a small JPEG made from pixels: no Exif, no comment, nothing that was written in the original."""
    with Image.open(BytesIO(copy)) as image:
        image.load()
        told = {name for name in image.info if not name.startswith("jfif") and name != "progressive"}
        faults = [] if image.format == "JPEG" and max(image.size) <= edge else [f"shown as {image.format} {image.size}"]
    return (
        faults
        + ([f"carries {sorted(told)}"] if told else [])
        + (["carries the script"] if SCRIPT in copy or b"<svg" in copy else [])
    )


def judged() -> tuple[list[Verdict], str]:
    """All verdicts, and how the child ended when that was not well."""
    child = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=1800, check=False)
    verdicts = [Verdict(**json.loads(line)) for line in child.stdout.splitlines()]
    return verdicts, "" if child.returncode == 0 else f"exit {child.returncode}: {child.stderr[-800:]}"


if __name__ == "__main__":
    main()
