"""Rows as they lie on the disk, one at a time: a damaged value must reach the check, not break the reading of it."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Text, cast, func, type_coerce

AT_ONCE = 500  # rows in memory


def stream(connection: Connection, statement: Any) -> Iterator[Row]:
    yield from connection.execute(statement, execution_options={"yield_per": AT_ONCE})


def ms(column: Any) -> ColumnElement:
    """A moment as the integer that is stored."""
    return type_coerce(column, BigInteger).label(column.key)


def text(column: Any) -> ColumnElement:
    """JSON or an id as the text that is stored."""
    return cast(column, Text).label(column.key)


def bare(column: Any) -> ColumnElement:
    """An id without dashes, the same on every database and in every kind of column."""
    return func.replace(cast(column, Text), "-", "").label(column.key)


def parsed(stored: Any) -> Any:
    """The value in stored JSON; something that equals nothing when it is none."""
    try:
        return json.loads(stored)
    except (TypeError, ValueError):
        return object()


def same(first: Any, second: Any) -> bool:
    """Equal, and of one type: 1 is no True and 1.0 no 1, nor inside lists and objects."""
    try:
        return bool(first == second) and json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    except (TypeError, ValueError):
        return False
