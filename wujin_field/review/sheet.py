"""A batch as it is printed: number, seed, what it covers, what was drawn and why."""

from collections import Counter

from ..domain import load_pack
from ..models import Batch


def sheet(batch: Batch) -> dict:
    """Plain data; drawn: [visit id, stratum, reason, read twice] in the order of the sheet."""
    drawn = [[line.visit_id, line.stratum, line.reason, line.second] for line in batch.visits if line.reason]
    return {"number": batch.number, "period": batch.period, "seed": batch.seed, "covered": len(batch.visits),
            "drawn": drawn, "sample_digest": batch.sample_digest, "rules": batch.rules}  # fmt: skip


def lines_of(batch: Batch) -> list[str]:
    told = sheet(batch)
    head = [f"抽样号 number  {told['number']}", f"种子 seed       {told['seed']}",
            f"覆盖 covered    {told['covered']}    抽中 drawn  {len(told['drawn'])}"]  # fmt: skip
    reasons = Counter(reason for _, _, reason, _ in told["drawn"])
    names = load_pack().files["spot_check"]["sampling"]["reason"]
    return [
        *head,
        "  ".join(f"{names.get(reason, reason)} {number}" for reason, number in sorted(reasons.items())),
        *(
            f"{visit_id}  {stratum}  {reason}{'  ×2' if second else ''}"
            for visit_id, stratum, reason, second in told["drawn"]
        ),
    ]
