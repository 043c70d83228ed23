"""10,000 guesses from 100 addresses at passwords, numbers of invites and typed codes: how many were really looked at, how
long each took, and whether anybody came in. `python tests/drills/guesses.py [--guesses 10000]` prints the count.

tests/web/test_sign_in.py holds the sample that CI runs.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict

from wujin_field.cast import settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import writing
from wujin_field.models import Person
from wujin_field.models.codes import new_code
from wujin_field.models.credentials import TRIES, set_password
from wujin_field.models.people import numbered, typed_code

KNOWN = ["何敏", "罗静", "赵春兰", "唐玉梅", "蒋小琴"]
UNKNOWN = ["没有一", "没有二", "没有三", "没有四", "没有五"]


def drill(guesses: int, addresses: int = 100) -> dict:
    """{max_tries, entered, ms: {known or unknown: {looked at or refused: median}}, invites: tries until each was closed}"""
    app = prepared(
        read_settings(env={}, data_dir=tempfile.mkdtemp(prefix="wujin-guesses-"), public_url="http://localhost")
    )
    tokens = _prepare(app)
    looked, entered, spent, closed = Counter(), 0, defaultdict(list), Counter()
    for number in range(guesses):
        client = app.test_client()
        here = {"REMOTE_ADDR": f"10.0.{number % addresses // 250}.{number % addresses % 250}"}
        if number % 10 < 8:
            name = (KNOWN + UNKNOWN)[number // 10 % 10]
            began = time.perf_counter()
            status = client.post(
                "/sign-in", data={"name": name, "password": f"guess {number}"}, environ_base=here
            ).status_code
            spent[("known" if name in KNOWN else "unknown", status)].append(time.perf_counter() - began)
            looked[name] += status == 422
        elif number % 10 == 8:
            token = tokens[number // 10 % len(tokens)]
            status = client.post(
                f"/enrol/{token}", data={"number": f"{number % 10_000:04}"}, environ_base=here
            ).status_code
            closed[token] += status == 422
        else:
            status = client.post(f"/enrol/{new_code()}", environ_base=here).status_code
        entered += status in (302, 303)
    told = {f"{who} {'looked at' if status == 422 else 'refused'}": round(statistics.median(times) * 1000, 1)
            for (who, status), times in sorted(spent.items())}  # fmt: skip
    return {"guesses": guesses, "addresses": addresses, "max_tries": max(looked.values()), "max_numbers": max(closed.values()),
            "entered": entered, "median_ms": told}  # fmt: skip


def _prepare(app) -> list[str]:
    with app.app_context(), writing() as session:
        town = settle(session)
        for name in KNOWN:
            set_password(session, session.get_one(Person, town.person(name).id), name, "江上晚风 1937")
        made = [numbered(town.person(name)) for name in KNOWN]
        session.add_all([row for row, _ in made] + [typed_code(town.person("陈大山"))[0] for _ in range(100)])
        for row, _ in made:
            row.number = "x999"  # no four digits are right: what counts is how many may be tried
        return [token for _, token in made]


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guesses", type=int, default=10_000)
    found = drill(parser.parse_args().guesses)
    sys.stdout.write(f"{found}\n")
    sys.exit(0 if found["max_tries"] <= TRIES and not found["entered"] else 1)
