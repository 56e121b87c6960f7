"""Conversations and their turns: the tables of version 1, which was made without Alembic."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "store_schema",
        sa.Column("version", sa.Integer, autoincrement=False),
        sa.PrimaryKeyConstraint("version", name="pk_store_schema"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", _ROW_ID, autoincrement=True),
        sa.Column("session_id", sa.String(200), nullable=False),
        sa.Column("n_turns", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("session_id", name="uq_conversations_session_id"),
    )
    op.create_table(
        "turns",
        sa.Column("conversation_id", _ROW_ID, autoincrement=False),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer_id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("memory", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_turns_conversation_id",
            ondelete="CASCADE",
        ),
    )
