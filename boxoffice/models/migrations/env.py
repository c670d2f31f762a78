"""Run by Alembic: the connection comes from `boxoffice.database.migrate`, the tables from `boxoffice.models`."""

from alembic import context

from boxoffice.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
