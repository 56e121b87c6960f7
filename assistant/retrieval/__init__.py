"""Chunks become an index, a query becomes ranked passages."""
