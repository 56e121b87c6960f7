"""What outlives a process: conversations and their turns, over SQLAlchemy, on SQLite or PostgreSQL.

Nothing is imported here, so that a command that keeps nothing loads no database library.
"""
