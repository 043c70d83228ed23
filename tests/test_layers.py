"""The import rule as a list; every import of the package and of the browser's scripts is checked against it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wujin_field

PACKAGE = Path(wujin_field.__path__[0])
JS = PACKAGE.parent / "static" / "js"

# A module imports from its own folder, from its own line and from the lines above it.
RIVER = [
    {"config", "words", "canonical"},
    {"db", "domain", "periods", "quick"},
    {"models", "migrations"},
    {"sync"},
    {"evidence"},
    {"alerts", "ledger", "review"},
    {"figures"},
    {"reports"},
    {"sheets"},
    {"web"},
    {"beginnings", "cast", "keeping", "serving", "demo", "cli"},
    {"__init__"},
    {"__main__"},
]
# The commands stand where wsgi.py stands: they make the app and run it.
MAY_MAKE_THE_APP = {"cli", "demo", "keeping/commands", "keeping/restore"}
FACES = {"account", "api", "public", "field", "supervisor", "station", "county"}
KNOW_NO_MODEL = ["sync/envelope", "sync/strict_json", "reports/content", "reports/docx"]

MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix(): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "versions" not in path.parts
}


def place(module: str) -> int:
    name = module.split("/")[0]
    return next((line for line, names in enumerate(RIVER) if name in names), -1)


def imports(module: str) -> set[str]:
    """The modules of ours that this one imports, by path: sync/vault, or __init__ for the package itself."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    found = {name for node in ast.walk(tree) for name in targets(module, node)}
    return found - {module}


def targets(module: str, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [
            resolved(alias.name.split(".")[1:]) for alias in node.names if alias.name.split(".")[0] == "wujin_field"
        ]
    if isinstance(node, ast.ImportFrom):
        base = base_of(module, node)
        return [] if base is None else [resolved([*base, alias.name]) for alias in node.names]
    return []


def base_of(module: str, node: ast.ImportFrom) -> list[str] | None:
    named = node.module.split(".") if node.module else []
    if not node.level:
        return named[1:] if named[:1] == ["wujin_field"] else None
    folders = module.split("/")
    return folders[: len(folders) - node.level] + named


def resolved(parts: list[str]) -> str:
    """The module that `parts` names, whether its last part is a module or something inside one."""
    for known in ("/".join(parts), "/".join([*parts, "__init__"]), "/".join(parts[:-1])):
        if known in MODULES:
            return known
    return "/".join([*parts[:-1], "__init__"])


def everything_behind(module: str) -> set[str]:
    seen, todo = set(), [module]
    while todo:
        for name in imports(todo.pop()) - seen:
            seen.add(name)
            todo.append(name)
    return seen


@pytest.mark.parametrize("module", MODULES)
def test_it_stands_somewhere_on_the_river(module):
    assert place(module) >= 0, f"{module} is in no line of RIVER"


@pytest.mark.parametrize("module", MODULES)
def test_it_imports_only_from_upstream(module):
    allowed = {"__init__"} if module in MAY_MAKE_THE_APP else set()
    downstream = {name for name in imports(module) if place(name) > place(module)}
    assert downstream <= allowed


def test_the_list_sees_imports_of_every_kind():
    assert {"sync/vault", "config", "sync/receipt", "web/__init__"} <= imports("__init__")
    assert {"db", "review/__init__", "models/__init__", "web/guard"} <= imports("web/supervisor/visits")
    assert "db" in imports("migrations/env")  # written in full


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("web/")])
def test_no_face_knows_another(module):
    own = module.split("/")[1]
    faces = {name.split("/")[1] for name in imports(module) if name.startswith("web/")} & FACES
    assert module == "web/__init__" or faces <= {own}


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("web/")])
def test_only_the_web_knows_the_request(module):
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "flask"
             for alias in node.names}  # fmt: skip
    reached = {node.attr for node in ast.walk(tree)
               if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "flask"}  # fmt: skip
    assert not {"request", "g", "session"} & (named | reached)


@pytest.mark.parametrize("module", KNOW_NO_MODEL)
def test_shape_and_paper_know_no_table(module):
    behind = everything_behind(module)
    assert not {name for name in behind if name.split("/")[0] in ("models", "db")}


def scripts(folder: str) -> dict[str, str]:
    """The scripts of one folder, without their comments."""
    found = {path.name: without_comments(path.read_text("utf-8")) for path in sorted((JS / folder).rglob("*.js"))}
    assert found, f"static/js/{folder} is empty"
    return found


def without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<![:'\"`\\])//[^\n]*", "", source, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("loaded", "without"),
    [
        # numpy alone takes 110 MB of addresses: hostile pictures of forty megapixels then no longer fit into 512 MB
        ("wujin_field.web", {"numpy", "docx", "openpyxl", "fpdf"}),
        # two processes with all pages, papers and forms in them would be 50 MB more
        ("wujin_field.evidence.examiner", {"wujin_field.web", "wujin_field.reports"}),
    ],
)
def test_a_process_loads_nothing_that_only_another_needs(loaded, without):
    asked = f"import sys, {loaded}; print(*sorted({without} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def imported_by(source: str) -> list[str]:
    said = r"""(?:\bimport|\bfrom)\s*\(?\s*['"]([^'"]+)['"]|\bnew URL\(\s*['"]([^'"]+)['"]"""
    return [first or second for first, second in re.findall(said, source)]


def test_the_outbox_never_says_document():
    assert [name for name, source in scripts("outbox").items() if re.search(r"\bdocument\b", source)] == []


def test_the_phone_never_says_indexeddb():
    assert [name for name, source in scripts("phone").items() if "indexedDB" in source] == []


@pytest.mark.parametrize("folder", ["outbox", "phone"])
def test_what_works_below_never_imports_an_element(folder):
    wrong = {
        name: path for name, source in scripts(folder).items() for path in imported_by(source) if "elements" in path
    }
    assert not wrong


def test_elements_import_only_from_the_browser_folders():
    ours = re.compile(r"^(\./|\.\./(outbox|phone|words|elements)/|\.\./\.\./(vendor/|$)|\.\./[a-z-]+\.js$)")
    wrong = {path for source in scripts("elements").values() for path in imported_by(source) if not ours.match(path)}
    assert not wrong


def test_the_worker_imports_nothing():
    source = without_comments((JS.parent / "worker.js").read_text("utf-8"))
    assert not re.search(r"\bimport\b|\bimportScripts\b", source)
