"""The Telegram channel: one private chat is one conversation."""

from bot.channels.telegram.channel import state, telegram

__all__ = ["state", "telegram"]
