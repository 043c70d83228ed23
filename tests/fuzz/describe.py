"""The sync protocol as OpenAPI 3.1, made from the very structs and refusals that the server uses.

    python tests/fuzz/describe.py

writes wujin_field/web/field/sync.openapi.json anew; test_description.py fails while the file lags behind.
"""

import ast
import json
import sys
from pathlib import Path

import msgspec

import wujin_field
from wujin_field.config import CLAIM_BYTES_MAX, PHOTO_BYTES_MAX
from wujin_field.sync.envelope import ActivityClaim, VisitClaim
from wujin_field.sync.gate import MEDIA_TYPES
from wujin_field.web.problems import OF_STATUS, SENTENCES

PACKAGE = Path(wujin_field.__path__[0])
FILE = PACKAGE / "web/field/sync.openapi.json"

HEX64 = "^[0-9a-f]{64}$"
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
SAID = {
    400: "cut short, without its digest, or no canonical JSON of ours",
    401: "the session ended: the phone keeps everything and asks to be enrolled again",
    403: "signed in, but not one of those who record visits; or sent by another site",
    409: "same id and revision with other bytes, somebody else's, or corrects what nobody returned: kept aside",
    408: "too slow to be waited for: come again",
    411: "the length was not announced",
    413: "too large",
    415: "no JPEG, PNG or WebP by its content",
    422: "not what it says it is",
    429: "too fast, or too many at once: back off and try again",
    503: "busy, or not able to write for the moment: back off and try again",
    507: "the disk is full: back off and try again",
}
EVERYWHERE = {401: ["not_signed_in"], 403: ["forbidden"], 503: ["busy", "out_of_order"], 507: ["disk_full"]}
# Where a body is taken in, and what may be refused there before it is looked at.
TAKING = ["web/field/claims", "web/limits"]
# What follows from comparing with the database; sync/intake.py and sync/rows.py return these as plain words.
KEPT_ASIDE = ["conflict", "not_returned", "not_the_next_revision", "other_person"]


def written() -> str:
    return json.dumps(description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def description() -> dict:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "五进现场 · sync",
            "version": "1",
            "description": "The phone owns a visit until the server has receipted it. Every request may arrive twice, "
            "late, cut, altered or in any order; the answer is the same.",
        },
        "security": [{"device": []}],
        "paths": {
            "/sync/pack": {"get": _pack()},
            "/sync/photos/{sha256}": {"put": _photo(), "head": _has_photo()},
            "/sync/visits/{id}": {"put": _claim("visit", "VisitClaim")},
            "/sync/activities/{id}": {"put": _claim("activity", "ActivityClaim")},
            "/sync/answers/{id}": {"put": _answer()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"device": {"type": "apiKey", "in": "cookie", "name": "wujin_device"}},
        },
    }


def codes(*modules: str) -> dict[int, set[str]]:
    """Every Refused(status, "code") and NotCanonical("code") that stands in these modules."""
    found: dict[int, set[str]] = {}
    for module in modules:
        for call in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))):
            if status_and_code := _refusal(call):
                found.setdefault(status_and_code[0], set()).add(status_and_code[1])
    return found


def _refusal(node: ast.AST) -> tuple[int, str] | None:
    if not isinstance(node, ast.Call):
        return None
    words = [part.value for part in node.args if isinstance(part, ast.Constant)]
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name == "Refused" and len(words) >= 2:
        return words[0], words[1]
    return (400, words[0]) if name == "NotCanonical" and words else None


def _pack() -> dict:
    answers = {
        "200": {
            "description": "what a phone needs to work a day with no signal",
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "of everything but the beacon"}},
            "content": {"application/json": {"schema": _ref("Pack")}},
        },
        "304": {"description": "nothing but the time has changed"},
    }
    asked = [
        _header("If-None-Match", {"type": "string"}, "the ETag of the pack it holds"),
        _header(
            "Wujin-Unsent", {"type": "integer", "minimum": 0, "maximum": 99999}, "how many items wait on the phone"
        ),
    ]
    return {"operationId": "pack", "parameters": asked, "responses": answers | _refusals(EVERYWHERE)}


def _has_photo() -> dict:
    answers = {"200": {"description": "this phone sent it before, and it is still held"}}
    refused = {str(status): {"description": SAID[status]} for status in EVERYWHERE}
    missing = {"404": {"description": "not sent by this phone, or no address of a photo"}}
    return {"operationId": "has_photo", "parameters": [_digest()], "responses": answers | missing | refused}


def _photo() -> dict:
    refused = _joined(
        EVERYWHERE, {404: ["not_found"], 413: ["photo_too_large"]}, codes("web/field/photos", "sync/gate", *TAKING)
    )
    body = {kind: {"schema": {"type": "string", "format": "binary", "maxLength": PHOTO_BYTES_MAX}} for kind in
            sorted(MEDIA_TYPES.values())}  # fmt: skip
    return {
        "operationId": "put_photo",
        "description": "Raw bytes. The server streams them to a temporary file, counts, hashes, compares with the "
        "address, looks at the header, makes file and folder durable, and only then answers.",
        "parameters": [_digest(), _clock()],
        "requestBody": {"required": True, "content": body},
        "responses": _taken(missing=False) | _refusals(refused),
    }


def _claim(kind: str, struct: str) -> dict:
    refused = _joined(
        EVERYWHERE, {413: ["claim_too_large"], 404: ["not_found"], 409: KEPT_ASIDE},
        codes("sync/envelope", "sync/strict_json", *TAKING),
    )  # fmt: skip
    asked = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid", "pattern": UUID}},
        _header("Content-Digest", {"type": "string", "pattern": "sha-256=:[A-Za-z0-9+/]{43}=:"}, "RFC 9530", True),
        _header("Wujin-Signature", {"type": "string"}, "base64url ECDSA P-256 (r‖s) over the body's bytes"),
        _clock(),
    ]
    return {
        "operationId": f"put_{kind}",
        "description": f"RFC 8785 canonical JSON, integers only, at most {CLAIM_BYTES_MAX} bytes.",
        "parameters": asked,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(struct)}}},
        "responses": _taken(missing=True) | _refusals(refused),
    }


def _answer() -> dict:
    """What a visitor says to a flag on the own visit, or to a 与记录不符."""
    said = _object({"visit": _uuid(), "text": {"type": "string", "minLength": 1, "maxLength": 500}},
                   {"finding": _uuid(), "ruling": _uuid()})  # fmt: skip
    content = {"application/json": {"schema": _object({"id": _uuid()})}}
    return {
        "operationId": "put_answer",
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "format": "uuid", "pattern": UUID},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": said}}},
        "responses": {
            "200": {"description": "kept before", "content": content},
            "201": {"description": "kept now", "content": content},
        }
        | _refusals(_joined(EVERYWHERE, {404: ["not_found"]}, codes("web/field/answers", *TAKING))),
    }


def _taken(missing: bool) -> dict:
    schema = _ref("TakenIn") if missing else _ref("Receipt")
    content = {"application/json": {"schema": schema}}
    return {
        "200": {"description": "known already: the very receipt of the first time", "content": content},
        "201": {"description": "stored now, durably", "content": content},
    }


def _refusals(found: dict[int, list[str]]) -> dict:
    return {str(status): _problem(status, names) for status, names in sorted(found.items())}


def _problem(status: int, names: list[str]) -> dict:
    schema = {"allOf": [_ref("Problem"), {"properties": {"code": {"enum": sorted(names)}}}]}
    answer = {
        "description": SAID.get(status, SENTENCES[sorted(names)[0]][0]),
        "content": {"application/problem+json": {"schema": schema}},
    }
    later = {"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status in (429, 503, 507) else {}
    return answer | later


def _joined(*tables: dict) -> dict[int, list[str]]:
    """One table of codes by status; 400 and 413 may also come from the framework, under its own code."""
    found: dict[int, set[str]] = {400: {OF_STATUS[400]}, 413: {OF_STATUS[413]}}
    for table in tables:
        for status, names in table.items():
            found.setdefault(status, set()).update(names)
    return {status: sorted(names) for status, names in found.items()}


def _schemas() -> dict:
    _, shapes = msgspec.json.schema_components([VisitClaim, ActivityClaim], ref_template="#/components/schemas/{name}")
    return shapes | {
        "Problem": _object({"type": {"type": "string", "format": "uri"}, "status": {"type": "integer"},
                            "code": {"enum": sorted(SENTENCES)}, "title": {"type": "string"},
                            "detail": {"type": "string"}}, {"field": {"type": "string"}}),
        "Receipt": _object(_receipt(), {"missing": {"type": "array", "items": {"type": "string", "pattern": HEX64}}}),
        "TakenIn": {"allOf": [_ref("Receipt"), {"required": ["missing"]}]},
        "Beacon": _object({"kind": {"const": "beacon"}, "at": _whole("ms since 1970 UTC"),
                           "instance": _uuid(), "sig": {"type": "string"}}),
        "Pack": _object(_pack_fields()),
    }  # fmt: skip


def _receipt() -> dict:
    return {
        "kind": {"enum": ["activity", "photo", "visit"]},
        "id": _text("the claim's id, or the photo's digest"),
        "digest": {"type": "string", "pattern": HEX64},
        "revision": {"type": "integer", "minimum": 1},
        "received_at": _whole("ms since 1970 UTC"),
        "instance": _uuid(),
        "server_seq": {"type": "integer", "minimum": 1},
        "sig": _text("base64url ECDSA P-256 (r‖s) over the RFC 8785 bytes of all fields but sig and missing"),
    }


def _pack_fields() -> dict:
    lists = {name: {"type": "array"} for name in ("areas", "venues", "plan", "returned")}
    told = ("person", "unit", "names", "seasons", "checklists", "ruled", "faults")
    tables = {name: {"type": "object"} for name in told}
    texts = {name: {"type": "string"} for name in ("server_key", "shell", "zone")}
    ids = {name: _uuid() for name in ("instance", "device")}
    return lists | tables | texts | ids | {"week": {"type": ["object", "null"]}, "beacon": _ref("Beacon")}


def _object(required: dict, optional: dict | None = None) -> dict:
    return {"type": "object", "properties": required | (optional or {}), "required": sorted(required)}


def _digest() -> dict:
    return {"name": "sha256", "in": "path", "required": True, "schema": {"type": "string", "pattern": HEX64}}


def _clock() -> dict:
    return _header("Wujin-Clock", _whole("ms since 1970 UTC"), "the phone's clock as it sends this")


def _header(name: str, schema: dict, what: str, required: bool = False) -> dict:
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": what}


def _text(what: str) -> dict:
    return {"type": "string", "description": what}


def _whole(what: str) -> dict:
    return {"type": "integer", "minimum": 0, "description": what}


def _uuid() -> dict:
    return {"type": "string", "pattern": UUID}


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
    sys.stdout.write(f"{FILE.name} is written\n")
