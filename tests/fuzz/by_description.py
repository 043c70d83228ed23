"""schemathesis on our OpenAPI file: what it describes is sent, and what it does not describe; the answers keep to it."""

import copy
import tempfile
from collections import Counter
from pathlib import Path

import schemathesis
from describe import description
from every_route import Town, announced
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from wujin_field.canonical import canonical

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]  # fmt: skip
OPERATIONS = [(path, method) for path, methods in description()["paths"].items() for method in methods]
WHO = ["volunteer", "volunteer", "volunteer", "clerk", "stranger"]


def run(count: int, number: int = 1) -> tuple[int, list[str]]:
    """About `count` cases, evenly over the operations. What went wrong: each kind once, with how often."""
    done, found = 0, Counter()
    with tempfile.TemporaryDirectory(prefix="wujin-openapi-") as folder:
        town = Town(Path(folder))
        schema = schemathesis.openapi.from_dict(without_login(description()))
        schema.app = town.app
        for path, method in OPERATIONS:
            done += _some(town, schema[path][method.upper()], max(1, count // len(OPERATIONS)), number, found)
    return done, [f"{times} × {what}" for what, times in found.most_common()]


def without_login(told: dict) -> dict:
    """The cookie is ours to set; its values are no secret to be guessed at here."""
    told = copy.deepcopy(told)
    del told["security"], told["components"]["securitySchemes"]
    return told


def _some(town: Town, operation, count: int, number: int, found: Counter) -> int:
    asked = 0

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(operation.as_strategy(), st.sampled_from(WHO), st.booleans() | st.just(True))
    def every(case, who, sealed):
        nonlocal asked
        asked += 1
        if sealed:
            seal(case)
        cookies = {"wujin_device": town.devices[who][1]} if who in town.devices else {}
        try:
            case.call_and_validate(cookies=cookies, headers={"Accept-Encoding": "identity"}, checks=CHECKS)
        except* Exception as failures:
            found.update(f"{operation.label}: {type(part).__name__}: {one_line(part)}" for part in failures.exceptions)

    every()
    return asked


def seal(case) -> None:
    """Canonical bytes under their own digest, at the claim's own address, so that more than the seal is looked at."""
    if isinstance(case.body, dict):
        case.body = canonical_or_none(case.body) or case.body
    if isinstance(case.body, bytes):
        case.headers.update(announced(case.body))


def canonical_or_none(body: dict) -> bytes | None:
    try:
        return canonical(body)
    except Exception:
        return None


def one_line(failure: Exception) -> str:
    return " ".join(str(failure).split())[:300]
