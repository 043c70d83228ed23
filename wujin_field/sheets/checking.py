"""What the three kinds of sheets share: looking at one row after the other and writing down what is wrong."""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from ..domain import Pack
from .read import PROBLEMS_MAX, Line, Problem, half_width

YES, NO = {"是", "y", "yes", "1", "true", "√", "对"}, {"否", "n", "no", "0", "false", "×", "不是", ""}


class Names:
    """What a cell may say, and which ids that can mean. Spaces and full-width letters make no difference."""

    def __init__(self, pairs: Iterable[tuple[Any, str]]):
        self._ids: dict[str, dict[str, None]] = defaultdict(dict)
        for name, found in pairs:
            if name:
                self._ids[_key(str(name))][found] = None

    def ids(self, typed: str) -> list[str]:
        return list(self._ids.get(_key(typed), ()))


def _key(text: str) -> str:
    return "".join(half_width(text).casefold().split())


class Checking(ABC):
    """begin() once, then row() for each line: its plain values, or None; problems are collected."""

    def __init__(self, columns: list[dict]):
        self.columns = {column["key"]: column for column in columns}
        self.problems: list[Problem] = []
        self.counts: Counter[str] = Counter()
        self.line = 0

    @abstractmethod
    def begin(self, session: Session, pack: Pack, path: str) -> None:
        """Read once what the rows are looked up in."""

    @abstractmethod
    def row(self, cells: dict[str, str]) -> dict | None:
        """What this row says, or None where something is wrong with it."""

    def check(self, line: Line) -> dict | None:
        self.line = line.row
        for key, column in self.columns.items():
            if column.get("required") and not line.cells[key]:
                self.bad(key, "required")
        return self.row(line.cells)

    def bad(self, key: str, code: str, /, **values: object) -> None:
        known = any(one.row == self.line and one.column == self.columns[key]["zh"] for one in self.problems[-20:])
        if not known and len(self.problems) < 2 * PROBLEMS_MAX:  # the reader's and our own
            self.problems.append(Problem(self.line, self.columns[key]["zh"], code, values))

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def one(self, names: Names, cells: dict[str, str], key: str, typed: str | None = None) -> str | None:
        """The one id that the cell names."""
        typed = cells[key] if typed is None else typed
        found = names.ids(typed) if typed else []
        if len(found) > 1:
            self.bad(key, "not_clear", typed=typed[:40], choices=str(len(found)))
        elif typed and not found:
            self.bad(key, "no_such", typed=typed[:40])
        return found[0] if len(found) == 1 else None

    def yes_no(self, cells: dict[str, str], key: str) -> bool:
        typed = half_width(cells[key]).casefold()
        if typed not in YES | NO:
            self.bad(key, "yes_or_no")
        return typed in YES

    def short(self, cells: dict[str, str], **most: int) -> None:
        for key, length in most.items():
            if len(cells[key]) > length:
                self.bad(key, "too_long", most=length)
