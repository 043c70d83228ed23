"""What counts, and for what: the rules of domain.md D on plain values. Asks nothing of a database."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping

from ..domain import Pack
from ..models.rulings import PRINTED

FIVE = "five_entries"


def visit_counts(state: str, void: bool, same_unit: bool) -> tuple[int, int]:
    """(progress, final) of one visit: progress is submitted and accepted, final accepted alone (quotas.toml).

    same_unit: whether its author is of the activity's unit. An id that a phone made up proves nothing.
    """
    if void or not same_unit or state not in PRINTED:
        return 0, 0
    return 1, int(state == "accepted")


def activity_counts(visits: Iterable[tuple[int, int]], has_visits: bool, accepted: bool) -> tuple[int, int]:
    """(progress, final), once however many visits it holds (C4.2). Without any it is a broadcast: the desk accepts it."""
    if not has_visits:
        return 1, int(accepted)
    counted = list(visits)
    return int(any(progress for progress, _ in counted)), int(any(final for _, final in counted))


def counts_as_activity(pack: Pack, context: str) -> bool:
    """A return visit to a hazard is work, but no publicity (publicity_forms.toml)."""
    return pack["context"].get(context, {}).get("counts_as_activity", True)


def main_place_type(said: str, visited: Iterable[str]) -> str:
    """The one place type of an activity (C4.1): that of most of its visits; between equals the author's word."""
    seen = Counter(visited)
    most = max(seen.values(), default=0)
    best = {code for code, n in seen.items() if n == most}
    return said if not best or said in best else min(best)


def context_of(said: str, triples: Iterable[Mapping], required: Iterable[str]) -> str:
    """Enforcement without its three ticks is incomplete and is not counted as enforcement (C4.16, R175)."""
    if said != "enforcement":
        return said
    whole = any(all(triple.get(tick) for tick in required) for triple in triples)
    return said if whole else "enforcement_incomplete"


def reached(pack: Pack, refused: str) -> int:
    """Nobody at home is a valid record, and no visit to that home."""
    return int(refused not in pack.files["quotas"]["not_reached"])


def papers(pack: Pack, channels: Mapping[str, int]) -> int:
    """What is counted in 份: leaflets and booklets, never banners or screens."""
    return sum(n for code, n in channels.items() if pack["channel"].get(code, {}).get("unit") in ("份", "册"))


def good_for(pack: Pack, record: Mapping) -> list[str]:
    """Codes of the quotas of activities and areas that this activity helps to fill."""
    quotas = pack["quota"].values()
    return [quota["code"] for quota in quotas if _flows(quota) and fits(pack, quota.get("filter", {}), record)]


def fits(pack: Pack, wanted: Mapping, record: Mapping) -> bool:
    """record: place_type, delivery, form, context, activity_kind, channels, participants, organisers (how many)."""
    same = ("place_type", "delivery", "form", "context", "activity_kind")
    if any(name in wanted and record[name] not in wanted[name] for name in same):
        return False
    if wanted.get(FIVE) and not pack["place_type"].get(record["place_type"], {}).get(FIVE):
        return False
    kind = pack["activity_kind"].get(record["activity_kind"], {})
    if "quota_tag" in wanted and kind.get("quota_tag") != wanted["quota_tag"]:
        return False
    roles, channels = wanted.get("must_include_role", []), wanted.get("channel", [])
    return (
        (not roles or any(record["participants"].get(role) for role in roles))
        and (not channels or any(record["channels"].get(code) for code in channels))
        and record["organisers"] >= wanted.get("organisers_min", 1)
    )


def _flows(quota: Mapping) -> bool:
    return quota["measure"] in ("activities", "areas") and quota.get("enabled", True) and "each_venue" not in quota


def rules_of(pack: Pack) -> str:
    """Changes when a rule of counting does: the tallies are then made anew."""
    files = pack.files
    told = [files["quotas"]["quota"], files["quotas"]["not_reached"], files["publicity_forms"]["context"],
            files["publicity_forms"]["activity_kind"], files["publicity_forms"]["channel"],
            files["place_types"]["place_type"]]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
