"""Forms of two columns: a field, and room for what belongs into it."""

from collections.abc import Mapping

from ...domain.registers import shown
from ...models import RegisterEntry
from ..ask import Ask
from ..paper import Paper, Table


def form_paper(ask: Ask, values: Mapping[str, str]) -> Paper:
    """The fields of the layout, filled in where `values` knows them, empty for a pen where it does not."""
    rows = tuple((field, values.get(field, "")) for field in ask.layout["fields"])
    table = Table(("", ""), rows, widths=(3, 9), left=(1,), tall=True)
    return ask.paper([table], title_lines=(ask.layout["zh"],), fields=dict(values))


def from_register(ask: Ask, entry: RegisterEntry) -> dict[str, str]:
    """The fields of a register's entry in Chinese words, empty where nothing was said; `files` names what is attached."""
    fields = ask.pack["register"][entry.kind]["field"]
    said = {field["code"]: shown(ask.pack, field, entry.values.get(field["code"]), False) for field in fields}
    return said | {"files": "\n".join(file.name for file in entry.files if not file.removed_at)}


def ticked(names: Mapping[str, str], chosen: str = "") -> str:
    """A box before each, filled before the one that was chosen."""
    return " ".join(f"{'■' if name == chosen else '□'}{name}" for name in names.values())
