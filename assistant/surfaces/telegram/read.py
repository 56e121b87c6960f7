"""A Telegram update → a message of the channels; None for what is not meant for us.

In a group the bot answers only what mentions it, replies to it or is a command; the mention is no part of the question.
"""

from __future__ import annotations

from telegram import CallbackQuery, Message, MessageEntity, Update, User
from telegram.constants import ChatType

from assistant.surfaces.channels.protocol import Inbound

ALLOWED_UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY)
"""The kinds of updates that are asked for."""
_MENTIONS = (MessageEntity.MENTION, MessageEntity.TEXT_MENTION)


def read_update(update: Update, me: User) -> Inbound | None:
    """What came in.

    Args:
        me: the bot.
    """
    key = str(update.update_id)
    if update.callback_query is not None:
        return _read_press(update.callback_query, key)
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    return _read_message(message, key, me)


def _read_press(query: CallbackQuery, key: str) -> Inbound | None:
    if query.message is None or not query.data:
        return None
    message = query.message if isinstance(query.message, Message) else None
    is_topic = message is not None and bool(message.is_topic_message)
    thread = str(message.message_thread_id) if message and is_topic else ""
    chat = str(query.message.chat.id)
    return Inbound(chat, key, "press", query.data, thread=thread, press_id=query.id)


def _read_message(message: Message, key: str, me: User) -> Inbound | None:
    text = message.text or message.caption or ""
    is_group = message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)
    if message.chat.type == ChatType.CHANNEL or (text and _is_for_another(text, me)):
        return None
    without = _cut_mentions(message, text, me)
    if is_group and not (without != text or _is_command(text) or _is_reply_to(message, me)):
        return None
    place = {
        "reply_to": str(message.message_id) if is_group else "",
        "thread": str(message.message_thread_id) if message.is_topic_message else "",
    }
    chat = str(message.chat.id)
    if message.text is not None:
        return Inbound(chat, key, "text", without.strip(), **place)
    if message.effective_attachment is None:
        return None  # somebody came, left or pinned something
    kind = "captioned" if without.strip() else "other"
    return Inbound(chat, key, kind, without.strip(), **place)  # type: ignore[arg-type]


def _is_command(text: str) -> bool:
    return text.startswith("/")


def _is_for_another(text: str, me: User) -> bool:
    """Whether it is a command that names another bot."""
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    named = word.partition("@")[2]
    return _is_command(word) and bool(named) and named.lower() != (me.username or "").lower()


def _is_reply_to(message: Message, me: User) -> bool:
    replied = message.reply_to_message
    return replied is not None and replied.from_user is not None and replied.from_user.id == me.id


def _cut_mentions(message: Message, text: str, me: User) -> str:
    """The text without mentions of the bot; Telegram counts places in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(message.entities or message.caption_entities, key=lambda e: -e.offset):
        start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
        words = units[start:end].decode("utf-16-le", "replace")
        is_named = words.lower() == f"@{me.username}".lower()
        is_me = entity.user is not None and entity.user.id == me.id
        if entity.type in _MENTIONS and (is_named or is_me):
            units = units[:start] + units[end:]
    return units.decode("utf-16-le", "replace")
