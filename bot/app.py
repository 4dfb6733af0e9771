"""The web application: routes, errors, headers and life cycle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.telegram import telegram
from bot.channels.web import api, pages, reference
from bot.console import api as console_api
from bot.console import pages as console_pages
from bot.database import migrate
from bot.errors import Invalid, NotFound, ServiceError
from bot.health import endpoints as health
from bot.privacy.retention import retention_loop
from bot.services import Services

log = logging.getLogger("passerelle")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create(services: Services) -> FastAPI:
    """Builds the application around assembled services."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(migrate.upgrade, services.database)
        services.wakeups.bind()
        async with AsyncExitStack() as stack:
            stack.callback(services.database.close)
            stack.push_async_callback(services.engine.close)
            await stack.enter_async_context(services.turns.running())
            retention = asyncio.create_task(retention_loop(services))
            stack.callback(retention.cancel)
            await stack.enter_async_context(telegram(app, services))
            yield

    app = FastAPI(
        title="Passerelle",
        summary="L'assistant des démarches en ligne, avec un conseiller dans la conversation.",
        lifespan=lifespan,
        # Their pages load scripts from a third party; ours is `bot/channels/web/reference.py`.
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.state.openings = api.Openings()
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(_Headers)
    for module in (api, console_api, health, pages, reference, console_pages):
        app.include_router(module.router)
    pages.mount_static(app)
    return app


def error_answer(error: ServiceError) -> JSONResponse:
    """Returns an error in the form of the contract."""
    return JSONResponse(
        {"error": {"code": error.code, "message": error.message}}, status_code=error.status
    )


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    if pages.wants_page(request):
        return pages.error_page(request, error)
    return error_answer(error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = sorted({".".join(map(str, e["loc"][1:])) for e in error.errors()} - {""})
    listed = f" ({', '.join(fields)})" if fields else ""
    return await _service_error(
        request, Invalid(f"La demande est incomplète ou mal formée{listed}. Corrigez-la.")
    )


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = NotFound() if error.status_code in (404, 405) else ServiceError()
    known.status = error.status_code
    return await _service_error(request, known)


async def _unexpected(request: Request, error: Exception) -> Response:
    # The path alone: a query, a body or the error's own words may hold what somebody typed.
    log.error("unexpected %s on %s", type(error).__name__, request.url.path)
    known = ServiceError("Une erreur est survenue chez nous. Réessayez dans un instant.")
    known.status, known.code = 500, "internal"
    return await _service_error(request, known)


class _Headers:
    """Adds the headers that every answer carries; plain ASGI, so that streams pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
