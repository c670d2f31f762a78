"""Run by Alembic on the connection that `boxoffice.database.migrate` hands it."""

from alembic import context

from boxoffice.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
