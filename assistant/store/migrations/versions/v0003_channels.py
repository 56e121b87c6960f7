"""Messengers: the state of each chat, what has come in, what is to go out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "channel_chats",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(128), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", name="pk_channel_chats"),
    )
    op.create_table(
        "channel_inbox",
        sa.Column("id", _ROW_ID, autoincrement=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("chat", sa.String(128), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_channel_inbox"),
        sa.UniqueConstraint("channel", "key", name="uq_channel_inbox_channel"),
    )
    op.create_index("ix_channel_inbox_open", "channel_inbox", ["channel", "chat", "done_at"])
    op.create_table(
        "channel_outbox",
        sa.Column("id", _ROW_ID, autoincrement=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(128), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel_outbox"),
    )
    op.create_index("ix_channel_outbox_state", "channel_outbox", ["channel", "state", "chat"])
