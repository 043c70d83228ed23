"""Which visits are drawn: pure, plain data in and out, the same on every machine.

Order within a stratum is that of SHA-256(seed, visit id): whoever has the printed seed and the list draws the same.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Candidate:
    """stratum: area and week it competes in. certain: why it is drawn whatever the seed; None for chance.

    rollout: in the first two weeks of a campaign, of which more is drawn; alike for all of a stratum.
    """

    visit_id: str
    author_id: str
    stratum: str
    certain: str | None = None
    rollout: bool = False


@dataclass(frozen=True)
class Line:
    """One covered visit; reason None: not drawn. second: read twice. call_back: asked or visited again."""

    candidate: Candidate
    reason: str | None
    second: bool = False
    call_back: bool = False


def sample(
    candidates: Iterable[Candidate], seed: str, rules: dict, unseen_people: Set[str] = frozenset()
) -> list[Line]:  # type: ignore[assignment]
    """rules: [sampling] of spot_check.toml. unseen_people: authors of whom nothing was drawn this month, at its end."""
    strata = defaultdict(list)
    for candidate in candidates:
        strata[candidate.stratum].append(candidate)
    reasons = {line.visit_id: line.certain for some in strata.values() for line in some}
    for some in strata.values():
        reasons |= dict.fromkeys(_by_chance(some, seed, rules), "random")
    everybody = [candidate for some in strata.values() for candidate in some]
    reasons |= dict.fromkeys(_one_each(everybody, reasons, seed, unseen_people), "person_month")
    return _lines(everybody, reasons, seed, rules)


def order(seed: str, visit_id: str) -> str:
    return hashlib.sha256(f"{seed}:{visit_id}".encode()).hexdigest()


def _by_chance(stratum: list[Candidate], seed: str, rules: dict) -> list[str]:
    """Ten in a hundred of those who are not certain anyway (twenty while a campaign is new), at least three."""
    share = rules["rollout_share_first_two_weeks" if stratum[0].rollout else "random_share"]
    rest = sorted((line.visit_id for line in stratum if not line.certain), key=lambda visit_id: order(seed, visit_id))
    return rest[: max(rules["random_min_per_area_week"], ceil(share * len(rest)))]


def _one_each(everybody: list[Candidate], reasons: dict, seed: str, people: Set[str]) -> list[str]:
    seen = {line.author_id for line in everybody if reasons[line.visit_id]}
    waiting: dict[str, list[str]] = defaultdict(list)
    for line in everybody:
        if line.author_id in people - seen:
            waiting[line.author_id].append(line.visit_id)
    return [min(visits, key=lambda visit_id: order(seed, visit_id)) for visits in waiting.values()]


def _lines(everybody: list[Candidate], reasons: dict, seed: str, rules: dict) -> list[Line]:
    """Drawn ones first, each part in the order of chance, so that nobody's visits stand in a block."""
    drawn = [line.visit_id for line in everybody if reasons[line.visit_id]]
    second = _some(drawn, f"{seed}:second", rules["second_reviewer_share"])
    called = _some(drawn, f"{seed}:call", rules["on_site_share"])
    lines = [Line(one, reasons[one.visit_id], one.visit_id in second, one.visit_id in called) for one in everybody]
    return sorted(lines, key=lambda line: (line.reason is None, order(seed, line.candidate.visit_id)))


def _some(visit_ids: list[str], seed: str, share: float) -> set[str]:
    return set(sorted(visit_ids, key=lambda visit_id: order(seed, visit_id))[: ceil(share * len(visit_ids))])
