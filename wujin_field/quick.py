"""Prepared statements on SQLite, where running one through SQLAlchemy costs several times what the database needs for it.

The one writer hands its jobs a Quick instead of a Connection. What was declared with `prepare` goes straight to the
driver, with the same types on the way in and out; everything else goes on as ever. On PostgreSQL nothing changes.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError

from .db import sqlite

Process = Callable[[Any], Any] | None
REQUIRED = object()
_prepared: dict[int, dict[frozenset, "_Plan | None"]] = {}  # by the statement's identity: they live as long as we do


def prepare(statements: Iterable[object]) -> None:
    """Declare module constants as statements that are run often; what is no statement is passed over."""
    _prepared.update({id(one): {} for one in statements if isinstance(one, Executable)})


def quick(connection: Connection) -> Connection:
    return Quick(connection) if connection.dialect.name == "sqlite" else connection  # type: ignore[return-value]


class Quick:
    """A Connection, its prepared statements run past SQLAlchemy. Raises what a Connection raises."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._line = connection.connection.dbapi_connection

    def execute(self, statement: Any, values: Any = None) -> Any:
        plan = self._plan(statement, values)
        return plan.run(self._line, values or {}) if plan else self._connection.execute(statement, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def _plan(self, statement: Any, values: Any) -> "_Plan | None":
        plans = _prepared.get(id(statement))
        if plans is None:
            return None
        first = values[0] if isinstance(values, list) else values
        names = frozenset(first or ())
        if names not in plans:
            plans[names] = _planned(statement, names, self._connection)
        return plans[names]


class _Plan:
    """One statement for one set of named values. the_list: the name of a list inside it (IN), or nothing."""

    def __init__(
        self, sql: str, asked: list[tuple[str, Any, Process]], row: Any, given: list[Process], the_list: str = ""
    ):
        self._sql, self._asked, self._row, self._given, self._list = sql, asked, row, given, the_list

    def run(self, line: Any, values: dict | list[dict]) -> "Rows":
        try:
            if isinstance(values, list):
                line.executemany(self._sql, [self._bound(each) for each in values])
                return Rows([])
            found = line.execute(*self._spread(values))
            return Rows([self._told(row) for row in found] if self._row else [])
        except sqlite.Error as error:
            raise DBAPIError.instance(self._sql, None, error, sqlite.Error) from error

    def _spread(self, values: dict) -> tuple[str, list]:
        """The statement and its values, with a place for each member where a list stands inside it."""
        bound = self._bound(values)
        if not self._list:
            return self._sql, bound
        at = [name for name, _, _ in self._asked].index(self._list)
        places = ", ".join("?" * len(bound[at])) or "NULL"
        return self._sql.replace(f"__[POSTCOMPILE_{self._list}]", places), [*bound[:at], *bound[at], *bound[at + 1 :]]

    def _bound(self, values: dict) -> list:
        return [
            process(value) if process else value
            for name, default, process in self._asked
            for value in [values.get(name, default) if default is not REQUIRED else values[name]]
        ]

    def _told(self, row: Sequence) -> Any:
        return self._row._make(
            process(value) if process else value for value, process in zip(row, self._given, strict=True)
        )


class Rows(list):
    """What a Result of SQLAlchemy answers, as far as the intake asks it."""

    def first(self) -> Any:
        return self[0] if self else None

    def one(self) -> Any:
        (only,) = self
        return only

    def all(self) -> list:
        return self

    def scalar(self) -> Any:
        return self[0][0] if self else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> "Rows":
        return Rows(row[0] for row in self)


def _planned(statement: Any, names: frozenset, connection: Connection) -> _Plan | None:
    """None for what only SQLAlchemy can run: several lists inside the statement, a default that it works out in Python."""
    dialect = connection.dialect
    compiled: Any = statement.compile(dialect=dialect, column_keys=sorted(names) or None)
    lists = [bind.key for bind in compiled.post_compile_params]
    defaults: dict[str, Any] = {column.name: column.default for column in compiled.insert_prefetch}
    worked_out = any(not default.is_scalar for default in defaults.values())
    if len(lists) > 1 or worked_out or compiled.update_prefetch:
        return None
    asked = [
        (name, _default(bind, defaults.get(name)), _processor(bind, dialect, each=name in lists))
        for name in compiled.positiontup
        for bind in [compiled.binds[name]]
    ]
    columns = list(statement.selected_columns) if statement.is_select else []
    row = namedtuple("row", [column.key or f"_{at}" for at, column in enumerate(columns)], rename=True) if columns else None  # type: ignore[misc]  # fmt: skip
    given = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Plan(str(compiled), asked, row, given, *lists)


def _processor(bind: Any, dialect: Any, each: bool) -> Process:
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return (lambda values: [process(value) for value in values]) if process and each else process


def _default(bind: Any, default: Any) -> Any:
    if default is not None:
        return default.arg
    return REQUIRED if bind.required else bind.effective_value
