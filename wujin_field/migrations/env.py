"""Alembic's entry: one transaction per run, on the app's own engine."""

from alembic import context

from wujin_field.db import db

with db.engine.connect().execution_options(writing=True) as connection:
    context.configure(connection=connection, target_metadata=db.metadata, render_as_batch=True, compare_type=False)
    with context.begin_transaction():
        context.run_migrations()
