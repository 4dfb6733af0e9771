"""The address where Telegram delivers updates when the service has a public address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application

from bot.errors import Forbidden, Invalid, ServiceError
from bot.settings import Settings

log = logging.getLogger("passerelle.telegram")

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a name
MOST_BYTES = 1_000_000
# Telegram waits a minute for an answer.
STORE_SECONDS = 45.0


def secret_of(settings: Settings) -> str:
    """Returns the configured secret, or one that follows from the token: there is always one."""
    configured = settings.telegram_webhook_secret.get_secret_value()
    token = settings.telegram_token.get_secret_value()
    return configured or hashlib.sha256(f"webhook:{token}".encode()).hexdigest()


def address_of(settings: Settings) -> str:
    """Returns the public address, with our path if the setting leaves it out."""
    url = settings.telegram_webhook_url.rstrip("/")
    return url if url.endswith(PATH) else url + PATH


class Webhook:
    """Receives updates over HTTP and gives them to the application.

    Args:
        application: Deals with them; updates are refused until it runs.
        secret: What Telegram proves itself with.
    """

    def __init__(self, application: Application, secret: str) -> None:  # type: ignore[type-arg]
        self._application = application
        self._secret = secret.encode()

    async def receive(self, request: Request) -> Response:
        """Answers 200 when the update is stored; anything else makes Telegram deliver it again."""
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            return _refused(Forbidden())
        if not self._application.running:
            return Response(status_code=503)
        if int(request.headers.get("content-length") or 0) > MOST_BYTES:
            return Response(status_code=413)
        try:
            update = Update.de_json(json.loads(await request.body()), self._application.bot)
        except (ValueError, TypeError, KeyError, AttributeError, TelegramError) as error:
            log.warning("unreadable update: %s", type(error).__name__)
            return _refused(Invalid("Cette mise à jour n'est pas lisible."))
        try:
            await asyncio.wait_for(self._application.update_queue.put(update), STORE_SECONDS)
        except TimeoutError:
            return Response(status_code=503)
        return Response(status_code=200)


def _refused(error: ServiceError) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": error.code, "message": error.message}}, status_code=error.status
    )
