"""What the routes take from a request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool

from bot.errors import NotFound
from bot.services import Services


def services_of(request: Request) -> Services:
    """Returns the running service's parts."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    # Async, so that FastAPI does not send it to a thread: it waits for nothing.
    return services_of(request)


ServicesHere = Annotated[Services, Depends(_services)]


async def _authorised(
    request: Request, conversation_id: str, authorization: Annotated[str, Header()] = ""
) -> None:
    """Lets the holder of the conversation's key pass; to others it does not exist."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotFound
    keyring = services_of(request).keyring
    if not keyring.remembers(conversation_id, token.strip()):
        await run_in_threadpool(keyring.authorise, conversation_id, token.strip())


Bearer = Annotated[None, Depends(_authorised)]
