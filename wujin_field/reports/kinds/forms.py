"""Forms of two columns: a field, and room for what belongs into it."""

from collections.abc import Mapping

from ..ask import Ask
from ..paper import Paper, Table


def form_paper(ask: Ask, values: Mapping[str, str]) -> Paper:
    """The fields of the layout, filled in where `values` knows them, empty for a pen where it does not."""
    rows = tuple((field, values.get(field, "")) for field in ask.layout["fields"])
    table = Table(("", ""), rows, widths=(3, 9), left=(1,), tall=True)
    return ask.paper([table], title_lines=(ask.layout["zh"],), fields=dict(values))
