"""The life of the Telegram channel inside the web service's own event loop.

The web service never waits for Telegram: connecting, and connecting again, happens in a task of its
own, and `state` tells how it goes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.routing import Route
from telegram import BotCommand
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ApplicationBuilder
from telegram.request import HTTPXRequest

from bot.channels.telegram import webhook
from bot.channels.telegram.delivery import Deliveries
from bot.channels.telegram.discretion import quieten
from bot.channels.telegram.incoming import COMMANDS, UPDATES, AnyApplication, Incoming
from bot.channels.telegram.polling import BAD_TOKEN, CONFLICT, UP, WatchedRequest
from bot.channels.telegram.receipts import Receipts
from bot.channels.telegram.sending import Sender, back_off, seconds_of
from bot.channels.telegram.store import Chats
from bot.services import Services
from bot.settings import Settings
from knowledge.texts import say

log = logging.getLogger("passerelle.telegram")

CONNECTING = "connecting"
BAD_COMMUNE = "error: commune"
POLL_SECONDS = 10
CLOSE_SECONDS = 12.0


class Channel:
    """The bot, its updates and its deliveries.

    Attributes:
        state: `connecting`, `up` or `error: conflict|token|network|commune`.
    """

    def __init__(self, services: Services) -> None:
        quieten()
        self._services = services
        self._settings = services.settings
        self._by_webhook = bool(self._settings.telegram_webhook_url)
        self._application = _application(self._settings, self._report)
        self._sender = Sender(self._application.bot)
        chats = Chats(services.database, services.conversations.resume_code)
        self._deliveries = Deliveries(chats, self._sender, services.wakeups)
        Incoming(services, chats, self._sender, self._deliveries).add_to(self._application)
        self._tasks: list[asyncio.Task[None]] = []
        self.state = CONNECTING

    def open(self, app: FastAPI) -> None:
        """Starts connecting, and returns at once."""
        if self._settings.telegram_commune not in self._services.communes:
            log.error("PASSERELLE_TELEGRAM_COMMUNE is not a known commune")
            self._report(BAD_COMMUNE)
            return
        if self._by_webhook:
            hook = webhook.Webhook(self._application, webhook.secret_of(self._settings))
            # In front: a mount at the root would hide it.
            app.router.routes.insert(0, Route(webhook.PATH, hook.receive, methods=["POST"]))
        self._tasks.append(asyncio.create_task(self._connect(), name="telegram-connect"))

    async def close(self) -> None:
        """Stops the updater first, then what it feeds, then the deliveries."""
        if self._tasks:
            self._tasks[0].cancel()
            await asyncio.gather(self._tasks[0], return_exceptions=True)
        application, updater = self._application, self._application.updater
        if updater and updater.running:
            await self._quietly(updater.stop)
        self._sender.close()
        if application.running:
            await self._quietly(application.stop)
        await self._quietly(self._deliveries.stop)
        for task in self._tasks[1:]:
            task.cancel()
        await asyncio.gather(*self._tasks[1:], return_exceptions=True)
        await self._quietly(application.shutdown)
        await self._quietly(application.bot.shutdown)

    def _report(self, found: str) -> None:
        if found != self.state:
            log.log(logging.INFO if found == UP else logging.WARNING, "Telegram: %s", found)
        self.state = found

    async def _connect(self) -> None:
        """Tries until Telegram answers."""
        failures = 0
        while True:
            wait = 0.0
            try:
                await self._start()
                return
            except InvalidToken:
                self._report(BAD_TOKEN)
            except Conflict:
                self._report(CONFLICT)
            except RetryAfter as error:
                wait = seconds_of(error)
            except Exception as error:
                # A mistake of ours must not leave the channel dead without a word either.
                log.warning("Telegram cannot be reached: %s", type(error).__name__)
                self._report(CONNECTING)
            failures += 1
            await asyncio.sleep(wait or back_off(failures))

    async def _start(self) -> None:
        """Goes through the life cycle; what is already done is not done again."""
        application = self._application
        await application.initialize()
        if len(self._tasks) == 1:
            self._tasks.append(asyncio.create_task(self._deliveries.run(), name="telegram-send"))
        if not application.running:
            await application.start()
        await self._describe()
        if application.updater is None:
            await application.bot.set_webhook(
                webhook.address_of(self._settings),
                secret_token=webhook.secret_of(self._settings),
                allowed_updates=UPDATES,
            )
            self._report(UP)
        else:
            await application.updater.start_polling(
                timeout=POLL_SECONDS, allowed_updates=UPDATES, error_callback=lambda error: None
            )
            if self.state == CONNECTING:
                self._report(UP)

    async def _describe(self) -> None:
        """Puts the commands into the bot's menu."""
        commands = [BotCommand(name, say(f"telegram.commands.{name}")) for name in COMMANDS]
        try:
            await self._application.bot.set_my_commands(commands)
        except BadRequest as error:
            log.warning("the menu of commands was refused: %s", type(error).__name__)

    async def _quietly(self, end: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await end()
        except (TelegramError, RuntimeError, TimeoutError) as error:
            log.warning("while closing: %s", type(error).__name__)


def _application(settings: Settings, report: Callable[[str], None]) -> AnyApplication:
    api = settings.telegram_api_url.rstrip("/")
    builder = (
        ApplicationBuilder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{api}/bot")
        .base_file_url(f"{api}/file/bot")
        .request(
            HTTPXRequest(
                connection_pool_size=64,
                connect_timeout=5.0,
                read_timeout=15.0,
                write_timeout=10.0,
                pool_timeout=10.0,
            )
        )
        .get_updates_request(WatchedRequest(report))
        .update_queue(Receipts())
        .job_queue(None)
    )
    if settings.telegram_webhook_url:
        builder = builder.updater(None)
    return builder.build()
