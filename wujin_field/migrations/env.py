"""Alembic's entry: one transaction per run, on the app's own engine."""

from alembic import context
from sqlalchemy import Connection

from wujin_field.db import db

PATIENCE = {
    "sqlite": ["PRAGMA busy_timeout = 2000000000"],  # milliseconds: three weeks
    "postgresql": ["SET statement_timeout = 0", "SET lock_timeout = 0"],
}


def take_time(connection: Connection) -> None:
    """A large table may need minutes, and whoever comes second waits for the first, however long that takes.

    The first may be the orphan of a server that was killed while its fork migrated: it goes on to its end.
    """
    connection.detach()  # so that no request inherits this patience
    for line in PATIENCE[connection.dialect.name]:
        connection.exec_driver_sql(line)
    connection.commit()


with db.engine.connect() as connection:
    take_time(connection)
    connection.execution_options(writing=True)
    # transactional_ddl: SQLite too takes all of it or nothing, and whoever comes second reads what the first has committed.
    context.configure(connection=connection, target_metadata=db.metadata, render_as_batch=True, compare_type=False,
                      transactional_ddl=True)  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()
