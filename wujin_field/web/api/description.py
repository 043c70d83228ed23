"""The OpenAPI 3.1 description of the read-only door, told from the lists themselves: a new list describes itself."""

from typing import Any

from ...figures.lists import OUTWARD, Shelf

KEY: list[dict[str, list]] = [{"key": []}]
DAY, TEXT, UUID = {"type": "string", "format": "date"}, {"type": "string"}, {"type": "string", "format": "uuid"}
# filter of a list: its parameter, what it means, its shape
PARAMETERS: dict[str, tuple[str, str, dict]] = {
    "first": ("from", "first local day (Asia/Shanghai), included", DAY), "last": ("to", "last local day, included", DAY),
    "place_type": ("place_type", "a code of place_types", TEXT), "name": ("name", "part of a name", TEXT),
    "kind": ("kind", "a code of the list's kinds", TEXT), "state": ("state", "as the list's page calls it", TEXT),
    "severity": ("severity", "serious, general or minor", TEXT), "unit": ("unit", "id of a unit", UUID),
    "cut": ("cut", "with state=counted, one way to cut a figure: place_type, form, programme, quota …", TEXT),
    "code": ("code", "its value", TEXT), "period": ("period", "2026-11, 2026, 2026-H1 or 2026-Q4", TEXT),
}  # fmt: skip
ALWAYS = [("area", "code of an area: its subtree", TEXT), ("after", "id of the last row of the page before", UUID)]
ANSWERS = {"200": "up to 200 rows", "400": "a filter that is no day, no code or no id", "401": "no valid key",
           "403": "the key does not name this list"}  # fmt: skip
ROW = {"type": "object", "required": ["id"], "properties": {"id": TEXT},
       "additionalProperties": {"type": ["string", "integer", "number", "null"]}}  # fmt: skip
PAGE = {"type": "object", "required": ["rows", "next"], "properties": {
    "rows": {"type": "array", "items": ROW},
    "next": {"type": ["string", "null"], "description": "address of the next page"}}}  # fmt: skip


def description() -> dict[str, Any]:
    paths = {f"/api/v1/{code}": {"get": _list(shelf)} for code, shelf in OUTWARD.items()}
    itself = {"summary": "This description", "operationId": "description", "security": KEY,
              "responses": {"200": {"description": "OpenAPI 3.1"}}}  # fmt: skip
    return {
        "openapi": "3.1.0", "servers": [{"url": "/"}],
        "info": {"title": "Wujin Field: reading for other platforms", "version": "1",
                 "description": "Read only. One key per platform, made and taken back at the station. "
                                "Nothing of homes: no name, no position, no text. Nothing of people."},
        "paths": paths | {"/api/v1/openapi.json": {"get": itself}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": {"Page": PAGE}},
    }  # fmt: skip


def _list(shelf: Shelf) -> dict[str, Any]:
    asked = [PARAMETERS[name] for name in shelf.filters] + ALWAYS
    columns = ", ".join(f"{key} ({zh} / {en})" for key, (zh, en) in shelf.columns.items())
    page = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
    return {
        "summary": f"{shelf.en} ({shelf.zh})", "description": f"Columns: {columns}", "operationId": shelf.code, "security": KEY,
        "parameters": [{"name": name, "in": "query", "required": False, "description": told, "schema": shape}
                       for name, told, shape in asked],
        "responses": {code: {"description": told} | (page if code == "200" else {}) for code, told in ANSWERS.items()},
    }  # fmt: skip
