"""Ways in and out: the web and Telegram."""
