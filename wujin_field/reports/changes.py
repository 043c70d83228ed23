"""What one version of a paper says that another does not, in sentences for whoever has to compare them."""

from difflib import SequenceMatcher

from .docx import said
from .paper import Block, Paper, Photos, Table

LINES_MAX = 60
LONG = 80  # characters of a line that are quoted


def changes_between(old: Paper, new: Paper) -> list[str]:
    """Line by line, in the order of the paper; no more than anybody would read."""
    before, after = lines_of(old), lines_of(new)
    told: list[str] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "replace" and i2 - i1 == j2 - j1:
            told += [f"{_short(a)} → {_short(b)}" for a, b in zip(before[i1:i2], after[j1:j2], strict=True)]
        elif what != "equal":
            told += [f"删去：{_short(line)}" for line in before[i1:i2]]
            told += [f"增加：{_short(line)}" for line in after[j1:j2]]
    return told if len(told) <= LINES_MAX else [*told[:LINES_MAX], f"另有{len(told) - LINES_MAX}处改动"]


def lines_of(paper: Paper) -> list[str]:
    body = [line for block in paper.blocks for line in _lines(block)]
    return [*paper.title_lines, *paper.head, *body, *paper.foot, *filter(None, [paper.closing])]


def _lines(block: Block) -> list[str]:
    if isinstance(block, Photos):
        return [f"{picture.label}（{picture.sha256[:8]}）" for picture in block.pictures]
    if isinstance(block, Table):
        return ["｜".join(said(cell).replace("\n", " ") for cell in row) for row in block.rows]
    return [block.text]


def _short(line: str) -> str:
    return line if len(line) <= LONG else line[: LONG - 1] + "…"
