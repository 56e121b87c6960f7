"""Tiaowen 条问: answers questions about Chinese policy documents, clause by clause."""

__version__ = "0.1.0"
