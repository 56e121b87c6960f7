"""The Telegram bot: by polling (`tiaowen bot telegram`), or by webhook inside the HTTP server."""
