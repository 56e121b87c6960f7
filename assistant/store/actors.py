"""Who did something where it was not somebody with a key; no key may have these names."""

BY_LINK = "link"
"""Whoever signed in by the one-time link."""

BY_TERMINAL = "terminal"
"""Whoever runs commands on the server."""

RESERVED = (BY_LINK, BY_TERMINAL)
