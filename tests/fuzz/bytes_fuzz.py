"""Coverage-guided fuzzing of the three places where strangers' bytes are first read.

    pip install -e .[fuzz]
    python tests/fuzz/bytes_fuzz.py claim   -max_total_time=3600      strict_json.read, then envelope.read_claim
    python tests/fuzz/bytes_fuzz.py gate    -max_total_time=3600      sync.gate.read_header
    python tests/fuzz/bytes_fuzz.py picture -max_total_time=3600      evidence.examine on what the gate lets in

An hour each before a release. Any exception but our own refusals ends the run and leaves the bytes in a file
crash-…; further arguments are libFuzzer's own (-seed=1, -runs=100000, a folder to keep the corpus in).
"""

import io
import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

# Pillow's own decoders are compiled and see no coverage; its parsers of headers and Exif are Python and do.
with atheris.instrument_imports(include=["PIL", "wujin_field.sync.strict_json", "wujin_field.sync.envelope"]):
    from pictures_hostile import few, jpeg, tiff

    from wujin_field.canonical import canonical
    from wujin_field.domain import load_pack
    from wujin_field.evidence.examine import examine
    from wujin_field.sync.envelope import Refused, read_claim
    from wujin_field.sync.gate import read_header
    from wujin_field.sync.strict_json import NotCanonical, read

SAMPLES = Path(__file__).parent.parent / "samples"
PACK = load_pack()
SENT = [
    (line["kind"], line["id"], canonical(line["value"]))
    for line in json.loads((SAMPLES / "claims.json").read_text("utf-8"))
]


def claim(body: bytes) -> None:
    """Whatever reads, reads as itself; whatever is a claim has ids that are ids."""
    with suppress(NotCanonical):
        assert canonical(read(body)) == body
    for kind, subject, _ in SENT[:2]:
        with suppress(Refused):
            taken = read_claim(kind, subject, body, PACK)
            assert taken.id == subject and len(taken.device) == 36


def gate(body: bytes) -> None:
    PLACE.write_bytes(body)
    with suppress(Refused):
        read_header(PLACE)


def picture(body: bytes) -> None:
    """Only what the gate lets in, and never more than two megapixels: this looks for faults, not for heat."""
    PLACE.write_bytes(body)
    with suppress(Refused):
        header = read_header(PLACE)
        if header.width * header.height <= 2_000_000:
            finding = examine(io.BytesIO(body))
            assert finding.fault or (finding.thumb and finding.dhash)


TARGETS = {"claim": claim, "gate": gate, "picture": picture}
SEEDS = {"claim": [body for _, _, body in SENT]}
PICTURES = [*few(), jpeg(tiff((0x0112, 3, 1, b"\6\0"), (0x8769, 4, 1, b"\x40")))]
PLACE = Path(tempfile.mkdtemp(prefix="wujin-bytes-")) / "incoming"


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(__doc__)
    corpus = PLACE.parent / "corpus"
    corpus.mkdir()
    for number, body in enumerate(SEEDS.get(name, PICTURES)):
        (corpus / str(number)).write_bytes(body)
    atheris.Setup([sys.argv[0], "-max_len=20000", *sys.argv[2:], str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
