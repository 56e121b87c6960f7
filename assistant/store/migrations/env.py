"""What Alembic runs: the steps that are missing, on the connection and in the transaction of whoever upgrades."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
