"""The steps from each version of the tables to the next, run by Alembic; see `store.upgrade`."""
