"""Answers and what was thought of them; tokens, keys, the signing secret, and what the staff did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)
_TURN = ("conversation_id", "number")


def upgrade() -> None:
    """Make the tables."""
    _make_answers()
    _make_access()


def _make_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("conversation_id", _ROW_ID, autoincrement=False),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("answer_id", sa.String(64), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("corpus_version", sa.Text, nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint(*_TURN, name="pk_answers"),
        sa.ForeignKeyConstraint(
            _TURN,
            [f"turns.{name}" for name in _TURN],
            name="fk_answers_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_answers_asked_at", "answers", ["asked_at"])
    op.create_index("ix_answers_status", "answers", ["status", "asked_at"])
    op.create_table(
        "feedback",
        sa.Column("conversation_id", _ROW_ID, autoincrement=False),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("vote", sa.String(4), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint(*_TURN, name="pk_feedback"),
        sa.ForeignKeyConstraint(
            _TURN,
            [f"answers.{name}" for name in _TURN],
            name="fk_feedback_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_feedback_vote", "feedback", ["vote"])


def _make_access() -> None:
    for table, origins in (
        ("publish_tokens", [sa.Column("origins", sa.Text, nullable=False)]),
        ("staff_keys", []),
    ):
        op.create_table(
            table,
            sa.Column("id", _ROW_ID, autoincrement=True),
            sa.Column("name", sa.String(64), nullable=False),
            sa.Column("digest", sa.String(64), nullable=False),
            *origins,
            sa.Column("created_at", _TIME, nullable=False),
            sa.Column("revoked_at", _TIME),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("name", name=f"uq_{table}_name"),
            sa.UniqueConstraint("digest", name=f"uq_{table}_digest"),
        )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(64)),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, autoincrement=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
