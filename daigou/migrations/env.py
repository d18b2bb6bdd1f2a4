"""Alembic's entry: always online, on the connection that daigou.migrate gives."""

from alembic import context

from daigou.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
