"""The Telegram channel: one private chat is one conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from bot.services import Services

if TYPE_CHECKING:
    from bot.channels.telegram.channel import Channel

OFF = "off"

# Services hold no mutable state; a running channel is found by the services it serves.
_channels: dict[int, Channel] = {}


@asynccontextmanager
async def telegram(app: FastAPI, services: Services) -> AsyncIterator[None]:
    """Runs the channel while the context is open.

    Without a token nothing happens, and the library is not even imported.

    Args:
        app: Receives the webhook's route, when one is configured.
        services: The parts of the service.
    """
    if not services.settings.telegram_token.get_secret_value():
        yield
        return
    from bot.channels.telegram.channel import Channel

    channel = Channel(services)
    _channels[id(services)] = channel
    channel.open(app)
    try:
        yield
    finally:
        await channel.close()
        del _channels[id(services)]


def state(services: Services) -> str:
    """Returns `off`, `connecting`, `up` or `error: conflict|token|network|commune`."""
    channel = _channels.get(id(services))
    return channel.state if channel else OFF
