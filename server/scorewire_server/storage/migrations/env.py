"""Runs the migrations on the connection that `Database.migrate` hands over."""

from alembic import context

from scorewire_server.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.get_main_option("version_table"),
)
with context.begin_transaction():
    context.run_migrations()
