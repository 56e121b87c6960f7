"""The form of messages without markup, counted in bytes: WeCom and WeChat."""

from __future__ import annotations

LIMIT = 2048
"""Bytes of UTF-8 that one text message holds, in WeCom and in WeChat."""
_ROOM = 200  # for a hint below


class PlainForm:
    """Plain text; see `channels.pack.Form`."""

    limit = LIMIT - _ROOM
    longest_sentence = 300  # four bytes a character at worst
    longest_quote = 160

    def measure(self, text: str) -> int:
        """Bytes of UTF-8."""
        return len(text.encode("utf-8", "surrogatepass"))

    def escape(self, text: str) -> str:
        """The text itself; these messengers read no markup in it."""
        return text

    def title(self, text: str) -> str:
        """In brackets."""
        return f"【{text}】"

    def cite(self, head: str, source: str, quote: str) -> str:
        """Two lines: where, and the quoted words."""
        return f"{head}　{source}\n“{quote}”"

    def foot(self, text: str) -> str:
        """As it is."""
        return text
