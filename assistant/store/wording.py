"""Text as every database takes it: PostgreSQL refuses NUL, UTF-8 has no lone surrogates."""

from __future__ import annotations

from assistant.documents.mask import mask_personal


def is_storable(text: str) -> bool:
    """Whether every database takes the text as it is."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def clean_text(text: str) -> str:
    """The text with a question mark for each character that cannot be stored."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def mask_text(text: str) -> str:
    """The text as it may be kept: storable, with personal numbers masked."""
    return clean_text(mask_personal(text))
