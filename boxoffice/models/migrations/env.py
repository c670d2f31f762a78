"""Run by Alembic on the connection that `boxoffice.database.migrate` hands it.

The guards stand aside for the migrations and are those of today again after the last one, so that no
migration needs to know them. Where it stops at an older schema, it is told to leave them `unguarded`.
"""

from alembic import context

from boxoffice.models import guards, metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
guards.remove(connection)
context.run_migrations()
if not context.config.attributes.get("unguarded"):
    guards.install(connection)
