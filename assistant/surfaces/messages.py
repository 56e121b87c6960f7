"""The form of Telegram messages: HTML, counted as Telegram counts."""

from __future__ import annotations

from html import escape

from assistant.models import Answer
from assistant.surfaces.channels.pack import pack_answer

# Telegram counts UTF-16 units after it has read the HTML; counting the HTML itself is safe.
LIMIT = 4096


def n_units(text: str) -> int:
    """Length in UTF-16 code units, which is what Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class TelegramForm:
    """HTML of Telegram's parse mode; see `channels.pack.Form`."""

    limit = LIMIT
    longest_sentence = 800  # five units a character at worst: an escaped `&`
    longest_quote = 600

    def measure(self, text: str) -> int:
        """UTF-16 units."""
        return n_units(text)

    def escape(self, text: str) -> str:
        """Text between tags."""
        return escape(text, quote=False)

    def title(self, text: str) -> str:
        """Bold."""
        return f"<b>{self.escape(text)}</b>"

    def cite(self, head: str, source: str, quote: str) -> str:
        """Three lines, the last a quotation."""
        quoted = f"<blockquote>{self.escape(quote)}</blockquote>"
        return f"<b>{self.escape(head)}</b>\n{self.escape(source)}\n{quoted}"

    def foot(self, text: str) -> str:
        """Italic."""
        return f"<i>{self.escape(text)}</i>"


def answer_messages(answer: Answer) -> list[str]:
    """The messages for an answer, in order; at least one, each at most `LIMIT` units of HTML."""
    return [clipping.text for clipping in pack_answer(answer, TelegramForm())]
