"""What an answer was made from, so that it can be made again; indexes to find an answer by its id, and old turns."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the indexes."""
    op.add_column("turns", sa.Column("asked", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_turns_asked_at", "turns", ["asked_at"])
    op.create_index("ix_answers_answer_id", "answers", ["answer_id"])
