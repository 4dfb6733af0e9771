"""What the routes take from a request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from bot.errors import NotFound
from bot.services import Services


def services_of(request: Request) -> Services:
    """Returns the running service's parts."""
    services: Services = request.app.state.services
    return services


def _authorised(
    request: Request, conversation_id: str, authorization: Annotated[str, Header()] = ""
) -> None:
    """Lets the holder of the conversation's key pass; to others it does not exist."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotFound
    services_of(request).conversations.authorise(conversation_id, token.strip())


Bearer = Annotated[None, Depends(_authorised)]
