"""The whole fuzz run, one line per part with its count and verdict.

    python tests/fuzz/run.py --cases 50000          every route, the OpenAPI file, the hostile pictures
    python tests/fuzz/run.py --only routes --cases 2000 --seed 7

Exit code 1 when anything failed. Faults are listed with the smallest thing that tells them apart: route, status, cause.
"""

import argparse
import sys
import time
from collections import Counter

import every_route
import judge_pictures


def routes(cases: int, seed: int) -> bool:
    began = time.monotonic()
    with every_route.a_town() as town:
        done = every_route.run(town, cases, seed)
        rules = len(list(town.app.url_map.iter_rules()))
    kinds = " ".join(f"{status}:{count}" for status, count in sorted(town.answered.items()))
    tell(
        f"routes: {done:,} cases over {rules} rules and {len(every_route.WHO)} people in {time.monotonic() - began:.0f} s "
        f"(seed {seed}); answers {kinds}; {sum(n for status, n in town.answered.items() if status >= 500)} of 500 or above",
        not town.faults,
    )
    for cause, (case, trace) in town.faults.items():
        print(f"  {cause}\n    {dict(town.where[cause].most_common(6))}\n    {case}\n    {trace}")
    return not town.faults


def openapi(cases: int, seed: int) -> bool:
    try:
        import by_description
    except ImportError:
        print("openapi: not tried, schemathesis is not installed (pip install -e .[fuzz])")
        return True
    done, faults = by_description.run(cases, seed)
    tell(f"openapi: {done:,} cases of schemathesis on {len(by_description.OPERATIONS)} operations", not faults)
    for fault in faults:
        print(f"  {fault}")
    return not faults


def pictures(_cases: int, _seed: int) -> bool:
    verdicts, ending = judge_pictures.judged()
    wrong = [verdict for verdict in verdicts if verdict.wrong]
    kinds = ", ".join(
        f"{count} {gate}/{copy}"
        for (gate, copy), count in sorted(Counter((verdict.gate, verdict.copy) for verdict in verdicts).items())
    )
    slowest = max(verdicts, key=lambda verdict: verdict.seconds)
    tell(
        f"pictures: {len(verdicts)} hostile ones in 512 MB; {kinds}; slowest {slowest.seconds} s CPU ({slowest.name}); "
        f"crashes {1 if ending else 0}",
        not wrong and not ending,
    )
    for verdict in wrong:
        print(f"  {verdict.name}: {verdict.wrong}")
    print(f"  {ending}" if ending else "", end="")
    return not wrong and not ending


def tell(line: str, good: bool) -> None:
    print(f"{'PASS' if good else 'FAIL'}  {line}", flush=True)


PARTS = {"routes": routes, "openapi": openapi, "pictures": pictures}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=50_000, help="of routes; the OpenAPI file gets a tenth of it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=PARTS)
    chosen = parser.parse_args()
    share = {"routes": chosen.cases, "openapi": chosen.cases // 10, "pictures": 0}
    results = [part(share[name], chosen.seed) for name, part in PARTS.items() if chosen.only in (None, name)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
