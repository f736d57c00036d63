"""What alembic runs: the connection comes from `upgrade`, and so does its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
