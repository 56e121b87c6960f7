"""The language model: what it worded each answer with, and what it was asked for on each day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column and make the table."""
    op.add_column("answers", sa.Column("made_with", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "model_usage",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_model_usage"),
    )
