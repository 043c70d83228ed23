"""Afterwards: does the station hold, once and whole, everything that a phone was told it holds?"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import rfc8785

from wujin_field.db import sqlite

GENESIS = "0" * 64
Key = tuple[str, str, str]  # kind, id, and for a photo the phone: each phone gets a receipt of its own


@dataclass
class Findings:
    """Every list names what is wrong; a sound station has none."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # left behind, or not what their name says
    broken: list[str] = field(default_factory=list)  # the database itself, the chain, the counts

    @property
    def sound(self) -> bool:
        return not (self.lost or self.duplicates or self.orphans or self.files or self.broken)


@dataclass
class Verdict:
    """One line of print: how often, what was acknowledged, what must be nothing and whether it is."""

    fault: str
    counts: dict[str, int]
    findings: Findings = field(default_factory=Findings)
    zeros: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    must_lose: bool = False  # the control arm: a test that cannot lose proves nothing

    @property
    def holds(self) -> bool:
        if self.must_lose:
            return bool(self.findings.lost or self.findings.broken)
        return self.findings.sound and not any(self.zeros.values())

    def __str__(self) -> str:
        found = self.findings
        parts = [f"{count:,} {what}" for what, count in self.counts.items()]
        parts += [f"{found.acknowledged:,} acknowledged", f"{len(found.lost):,} lost"]
        if not self.must_lose:
            parts += [f"{len(found.duplicates)} duplicates", f"{len(found.orphans)} orphans"]
            parts += [f"{len(found.files)} files left or wrong"] + (
                [f"{len(found.broken)} broken"] if found.broken else []
            )
        parts += [f"{count:,} {what}" for what, count in self.zeros.items()]
        end = ("lost, as it must" if self.must_lose else "holds") if self.holds else "DOES NOT HOLD"
        return f"{self.fault}: " + ", ".join(parts + self.notes) + f" → {end}"

    def details(self) -> str:
        """The first of each kind, for whoever must find out why."""
        found = self.findings
        lists = {"lost": found.lost, "duplicates": found.duplicates, "orphans": found.orphans, "files": found.files,
                 "broken": found.broken}  # fmt: skip
        return "\n".join(f"  {name}: {line}" for name, lines in lists.items() for line in lines[:5])


def audit(folder: Path, entries: Iterable[tuple[str, dict]]) -> Findings:
    """Compare the data folder of a stopped station with the book."""
    entries = list(entries)
    found = Findings(acknowledged=len({_key(device, receipt) for device, receipt in entries}))
    connection = sqlite.connect(str(folder / "wujin.db"))
    connection.row_factory = sqlite.Row
    try:
        books = _Books(connection)
        _check_database(connection, found)
        _check_entries(books, folder / "photos", entries, found)
        _check_once(connection, entries, found)
        _check_whole(connection, books, found)
        _check_chain(connection, found)
        _check_files(folder / "photos", books, found)
    except sqlite.DatabaseError as error:
        found.broken.append(f"database: {error}")
        found.lost += [f"{receipt['kind']} {receipt['id']}" for _, receipt in entries if not found.lost]
    finally:
        connection.close()
    return found


def _key(device: str, receipt: dict) -> Key:
    return receipt["kind"], receipt["id"], device if receipt["kind"] == "photo" else ""


class _Books:
    def __init__(self, connection):
        rows = connection.execute("SELECT kind, subject_id, revision, device_id, digest, body FROM receipt")
        self.receipts = {
            (row["kind"], plain(row["subject_id"]), plain(row["device_id"]) if row["kind"] == "photo" else ""): row
            for row in rows
        }
        rows = connection.execute("SELECT kind, subject_id, revision, digest, body FROM claim ORDER BY revision")
        self.claims = {(row["kind"], plain(row["subject_id"])): row for row in rows}
        self.photos = {row["sha256"]: row["bytes"] for row in connection.execute("SELECT sha256, bytes FROM photo")}
        self.rows = {
            kind: {plain(row["id"]): row for row in connection.execute(f"SELECT * FROM {kind}")}
            for kind in ("visit", "activity")
        }


def plain(text: str) -> str:
    """Ids as the phone writes them, whether the column keeps the hyphens or not."""
    if re.fullmatch(r"[0-9a-f]{32}", text):
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return text


def _check_database(connection, found: Findings) -> None:
    said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    found.broken += [f"integrity: {line}" for line in said if line != "ok"]
    found.broken += [f"foreign key: {tuple(row)}" for row in connection.execute("PRAGMA foreign_key_check")]


def _check_entries(books: _Books, vault: Path, entries: list, found: Findings) -> None:
    hashed: dict[str, str] = {}
    for key, receipt in {_key(device, receipt): receipt for device, receipt in entries}.items():
        why = _why_lost(books, vault, key, receipt, hashed)
        if why:
            found.lost.append(f"{receipt['kind']} {receipt['id']}: {why}")
    for device, receipt in entries:
        row = books.receipts.get(_key(device, receipt))
        if row and json.loads(row["body"]) != receipt:
            found.duplicates.append(f"two receipts for {receipt['kind']} {receipt['id']}")


def _why_lost(books: _Books, vault: Path, key: Key, receipt: dict, hashed: dict[str, str]) -> str:
    kind, subject, _ = key
    if key not in books.receipts:
        return "no receipt"
    if books.receipts[key]["digest"] != receipt["digest"]:
        return "receipt over other bytes"
    if kind == "photo":
        if subject not in books.photos:
            return "no photo row"
        hashed[subject] = hashed.get(subject) or _hash(vault / subject[0] / subject[1] / subject)
        return "" if hashed[subject] == subject else f"photo file {hashed[subject]}"
    claim = books.claims.get((kind, subject))
    if claim is None or hashlib.sha256(claim["body"]).hexdigest() != receipt["digest"]:
        return "claim missing or other bytes"
    row = books.rows[kind].get(subject)
    return "" if row and row["digest"] == receipt["digest"] else "no row"


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _check_once(connection, entries: list, found: Findings) -> None:
    """By counting, though UNIQUE should make it so: an index can be lost with its page."""
    for table, columns in {
        "claim": "kind, subject_id, revision", "receipt": "kind, subject_id, revision, device_id", "photo": "sha256",
        "visit": "id", "activity": "id", "set_aside": "kind, subject_id, digest",
    }.items():  # fmt: skip
        sql = f"SELECT {columns}, count(*) AS n FROM {table} NOT INDEXED GROUP BY {columns} HAVING n > 1"
        found.duplicates += [f"{table}: {tuple(row)}" for row in connection.execute(sql)]
    numbers = Counter(receipt["server_seq"] for receipt in {_key(d, r): r for d, r in entries}.values())
    found.duplicates += [
        f"receipt number {number} given {count} times" for number, count in numbers.items() if count > 1
    ]


def _check_whole(connection, books: _Books, found: Findings) -> None:
    """Nothing without its other half."""
    receipted = {(kind, subject) for kind, subject, _ in books.receipts}
    for kind, rows in books.rows.items():
        found.orphans += [f"{kind} {id_} without claim" for id_ in rows if (kind, id_) not in books.claims]
    for kind, id_ in books.claims:
        if id_ not in books.rows[kind]:
            found.orphans.append(f"claim {kind} {id_} without row")
        if (kind, id_) not in receipted:
            found.orphans.append(f"claim {kind} {id_} without receipt")
    found.orphans += [f"photo {sha} without receipt" for sha in books.photos if ("photo", sha) not in receipted]
    for kind, subject in receipted:
        if (subject not in books.photos) if kind == "photo" else ((kind, subject) not in books.claims):
            found.orphans.append(f"receipt for {kind} {subject} without what it is for")
    sql = "SELECT visit_id, sha256 FROM visit_photo WHERE visit_id NOT IN (SELECT id FROM visit)"
    found.orphans += [f"photo line of no visit {tuple(row)}" for row in connection.execute(sql)]
    sql = """SELECT id, missing, (SELECT count(*) FROM visit_photo WHERE visit_id = visit.id
             AND sha256 NOT IN (SELECT sha256 FROM photo)) AS absent FROM visit WHERE missing != absent"""
    found.broken += [
        f"visit {row['id']} counts {row['missing']} missing, is {row['absent']}" for row in connection.execute(sql)
    ]


def _check_chain(connection, found: Findings) -> None:
    prev, taken = GENESIS, Counter()
    for row in connection.execute("SELECT * FROM audit ORDER BY seq"):
        line = {name: row[name] for name in ("at", "what", "kind", "subject_id")}
        line |= {"who": row["who"] and plain(row["who"]), "detail": json.loads(row["detail"])}
        if row["prev"] != prev or hashlib.sha256(prev.encode() + rfc8785.dumps(line)).hexdigest() != row["hash"]:
            found.broken.append(f"chain breaks at {row['seq']}")
            break
        prev = row["hash"]
        taken[row["what"]] += 1
    receipts = connection.execute("SELECT count(*) FROM receipt").fetchone()[0]
    if taken["took_in"] != receipts:
        found.orphans.append(f"{receipts} receipts, {taken['took_in']} links in the chain")


def _check_files(vault: Path, books: _Books, found: Findings) -> None:
    """No half file under any name; whatever has a digest for a name is that digest."""
    for path in vault.rglob("*"):
        if not path.is_file():
            continue
        if not re.fullmatch(r"[0-9a-f]{64}", path.name):
            found.files.append(f"left behind: {path.relative_to(vault)}, {path.stat().st_size} bytes")
        elif _hash(path) != path.name:
            found.files.append(f"not its name: {path.relative_to(vault)}, {path.stat().st_size} bytes")
    for sha in books.photos:
        if not (vault / sha[0] / sha[1] / sha).is_file():
            found.orphans.append(f"photo row {sha} without file")
