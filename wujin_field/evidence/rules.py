"""The thresholds in force, and what the flags of one visit add up to."""

import hashlib

from ..domain import Pack


def version(pack: Pack) -> str:
    """Short name of all thresholds: it changes when one of them does."""
    rules = sorted((code, sorted(rule.items())) for code, rule in pack["flag"].items())
    return hashlib.sha256(repr(rules).encode()).hexdigest()[:12]


def score(levels: list[str], pack: Pack) -> int:
    """Only for the order of looking at visits; shown to nobody, kept nowhere, never added up for a person."""
    weights = pack.files["spot_check"]["score"]
    return sum(weights.get(level, 0) for level in levels)
