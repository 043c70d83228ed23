#!/usr/bin/env python3
"""Checks one evidence bundle of 五进现场 on any machine: Python 3.9 or newer, its standard library, nothing else.

    python3 verify.py bundle.zip [public key of the station]

Three verdicts apart. integrity: every byte is what was receipted, and the receipts hang in a chain that ends in a signed
checkpoint. identity: which phone signed the record. plausibility: what the station's checks found; no proof of anything.
Exit code 0: whole. 1: whole, with something that could not be checked. 2: altered.
"""

import base64
import hashlib
import json
import sys
import zipfile
import zlib

# P-256 (FIPS 186-5, SEC 2): y² = x³ - 3x + b over the prime P, generator G of order N
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)  # fmt: skip
BYTES_MAX = 400_000_000


def add(one, two):
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(number, point):
    total = None
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def signed_by(key, signature, body):
    """key: 65 bytes, uncompressed; signature: r and s, 32 bytes each; over SHA-256 of body."""
    if len(key) != 65 or key[0] != 4 or len(signature) != 64:
        return False
    x, y = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if (y * y - (x * x * x - 3 * x + B)) % P or not (0 < r < N and 0 < s < N) or x >= P or y >= P:
        return False
    inverse, e = pow(s, -1, N), int.from_bytes(hashlib.sha256(body).digest(), "big")
    point = add(times(e * inverse % N, G), times(r * inverse % N, (x, y)))
    return point is not None and point[0] % N == r


def raw(text):
    """The one spelling of base64url without padding; another one of the same bytes is somebody's change."""
    found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != text:
        raise ValueError("not canonical base64url")
    return found


def canonical(value):
    """RFC 8785 for what a bundle holds: no floats; keys below U+10000."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def statement_holds(said, key):
    """Did the owner of `key` sign this object (its `sig` over the rest)?"""
    rest = {name: value for name, value in said.items() if name != "sig"}
    return signed_by(key, raw(said["sig"]), canonical(rest))


def check(path, station_key=None):
    """(altered, unchecked, lines): sentences about what is wrong, what could not be checked, and the three verdicts."""
    wrong, open_points = [], []
    try:
        with zipfile.ZipFile(path) as bundle:
            if sum(line.file_size for line in bundle.infolist()) > BYTES_MAX:
                return ["the bundle is too large"], [], []
            book = json.loads(bundle.read("bundle.json"))
            key = raw(book["station_key"])
            if station_key is None:
                open_points.append("the station's key comes from the bundle itself: compare it with one you know")
            elif station_key != book["station_key"]:
                wrong.append("the bundle names another station's key")
            _list(bundle, book, wrong)
            _claims(bundle, book, key, wrong)
            _photos(bundle, book, key, wrong, open_points)
            _chain(book, key, wrong)
            identity = _identity(bundle, book, wrong, open_points)
    except (
        zipfile.BadZipFile,
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        OSError,
        RecursionError,
    ) as error:
        return [f"this is no whole bundle: {type(error).__name__} {error}"], [], []
    except (zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        return [f"the archive is damaged: {error}"], [], []
    return wrong, open_points, _verdicts(book, wrong, identity)


def _list(bundle, book, wrong):
    """Nothing beside what the book names, nothing twice, and the book itself as it was signed."""
    names = bundle.namelist()
    expected = set(book["files"]) | {"bundle.json", "verify.py", "README.txt"}
    if len(names) != len(set(names)) or set(names) != expected:
        wrong.append("files were added or taken away")
    for name, digest in book["files"].items():
        if name in names and hashlib.sha256(bundle.read(name)).hexdigest() != digest:
            wrong.append(name + " was altered")
    if not statement_holds(book, raw(book["station_key"])):
        wrong.append("the list of contents was altered")


def _claims(bundle, book, key, wrong):
    for claim in book["claims"]:
        body, receipt = bundle.read(claim["file"]), claim["receipt"]
        if hashlib.sha256(body).hexdigest() != receipt["digest"]:
            wrong.append(claim["file"] + " is not what the receipt was given for")
        if not statement_holds(receipt, key):
            wrong.append("the receipt of " + claim["file"] + " is not the station's")


def _photos(bundle, book, key, wrong, open_points):
    for photo in book["photos"]:
        if not statement_holds(photo["receipt"], key) or photo["receipt"]["digest"] != photo["sha256"]:
            wrong.append("the receipt of photo " + photo["sha256"][:12] + " is not the station's")
        if photo["copy"] or photo["file"] is None:
            open_points.append(
                "photo " + photo["sha256"][:12] + " is a copy or left out: its original was not looked at"
            )
        elif hashlib.sha256(bundle.read(photo["file"])).hexdigest() != photo["sha256"]:
            wrong.append(photo["file"] + " is not what the receipt was given for")


def _chain(book, key, wrong):
    """Each row's hash from the first row that names this record up to the head that the checkpoint signed."""
    before, said, checkpoint = book["audit"][0]["prev"], set(), book["checkpoint"]
    for row in book["audit"]:
        told = {name: row[name] for name in ("at", "who", "what", "kind", "subject_id", "detail")}
        if row["prev"] != before or hashlib.sha256(before.encode() + canonical(told)).hexdigest() != row["hash"]:
            wrong.append("the audit chain is broken at row " + str(row["seq"]))
            return
        before = row["hash"]
        if row["what"] == "took_in":
            said.add((row["kind"], row["subject_id"], row["detail"].get("digest")))
    if checkpoint["head"] != before or not statement_holds(checkpoint, key):
        wrong.append("the checkpoint does not end this chain, or is not the station's")
    receipts = [line["receipt"] for line in book["claims"] + book["photos"]]
    for receipt in receipts:
        if (receipt["kind"], receipt["id"], receipt["digest"]) not in said:
            wrong.append("no audit row took in " + receipt["kind"] + " " + receipt["id"])


def _identity(bundle, book, wrong, open_points):
    signed = 0
    for claim in book["claims"]:
        if not claim["signature"] or not claim["device_key"]:
            open_points.append(claim["file"] + " was not signed by its phone")
        elif signed_by(raw(claim["device_key"]), raw(claim["signature"]), bundle.read(claim["file"])):
            signed += 1
        else:
            wrong.append(claim["file"] + " carries a signature that does not fit")
    return signed


def _verdicts(book, wrong, identity):
    flags = ", ".join(f"{level} {number}" for level, number in sorted(book["findings"].items())) or "none"
    return [
        "integrity     "
        + ("ALTERED" if wrong else "whole: bytes, receipts and audit chain agree up to the checkpoint"),
        f"identity      {identity} of {len(book['claims'])} claims signed by the phone's own key",
        f"plausibility  flags of the station's checks: {flags} (reasons to look, no proof)",
    ]


def main(arguments):
    wrong, open_points, lines = check(arguments[0], arguments[1] if len(arguments) > 1 else None)
    print(
        "\n".join([*lines, *("altered: " + line for line in wrong), *("not checked: " + line for line in open_points)])
    )
    return 2 if wrong else 1 if open_points else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else print(__doc__) or 2)
