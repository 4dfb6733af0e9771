"""The resident API: see the routes' descriptions at `/docs`."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse

from bot.channels.web.requests import Bearer, ServicesHere
from bot.conversation.wakeup import POLL
from bot.database.models import now
from bot.errors import NotFound, TooManyRequests
from bot.privacy import transcript
from bot.services import Services

router = APIRouter(prefix="/api/conversations", tags=["residents"])

LONGEST_WAIT = 30.0
STREAM_SECONDS = 600.0
HEARTBEAT_SECONDS = 15
# News of this process wakes a stream at once; this is for news of another one, and for a typing
# notice that ends by itself.
STREAM_POLL = 3.0


class NewConversation(BaseModel):
    """Which commune answers, and for whom."""

    commune: str = Field("demo", max_length=64)
    audience: str = Field("resident", max_length=16)


class NewMessage(BaseModel):
    """A text or the id of a button, never both."""

    client_message_id: str
    text: str | None = None
    choice: str | None = Field(None, max_length=160)


class ResumeCode(BaseModel):
    """The short code, as the person typed it."""

    resume_code: str = Field(max_length=40)


class NewRating(BaseModel):
    """From 1 (bad) to 5 (good)."""

    score: int
    comment: str = Field("", max_length=2000)


class Openings:
    """Counts the openings of the last minute, by address, in one application."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, deque[float]] = defaultdict(deque)

    def check(self, address: str, most: int) -> None:
        """Raises `TooManyRequests` when there were too many."""
        moment = time.monotonic()
        seen = self._seen[address]
        while seen and seen[0] < moment - 60:
            seen.popleft()
        if len(seen) >= most:
            raise TooManyRequests
        seen.append(moment)
        if len(self._seen) > 10_000:
            self._seen.clear()


def _opened(opened: Any, status: int) -> JSONResponse:
    return JSONResponse(
        {
            "id": opened.id,
            "token": opened.token,
            "resume_code": opened.resume_code,
            "cursor": opened.cursor,
        },
        status_code=status,
    )


def limit(request: Request, services: Services) -> None:
    address = request.client.host if request.client else "?"
    openings: Openings = request.app.state.openings
    openings.check(address, services.settings.conversations_per_minute)


@router.post("", status_code=201)
def open_conversation(body: NewConversation, request: Request, services: ServicesHere) -> Response:
    """Opens a conversation; the welcome is among its events."""
    limit(request, services)
    return _opened(services.conversations.open(body.commune, body.audience), 201)


@router.post("/resume", status_code=201)
def resume_conversation(body: ResumeCode, request: Request, services: ServicesHere) -> Response:
    """Opens an existing conversation on another device, with its short code."""
    limit(request, services)
    return _opened(services.conversations.resume(body.resume_code), 201)


@router.post("/{conversation_id}/messages", status_code=202)
def post_message(
    conversation_id: str, body: NewMessage, services: ServicesHere, authorised: Bearer
) -> Response:
    """Stores a message; the same `client_message_id` again changes nothing and answers 200."""
    received = services.inbox.receive(
        conversation_id, body.client_message_id, body.text, body.choice
    )
    return JSONResponse({"seq": received.seq}, status_code=200 if received.again else 202)


@router.post("/{conversation_id}/typing", status_code=204)
def post_typing(conversation_id: str, services: ServicesHere, authorised: Bearer) -> Response:
    """Tells the counsellor that the person is writing."""
    services.conversations.typing(conversation_id, "resident")
    return Response(status_code=204)


@router.post("/{conversation_id}/rating", status_code=204)
def post_rating(
    conversation_id: str, body: NewRating, services: ServicesHere, authorised: Bearer
) -> Response:
    """Keeps what the person thought of the conversation."""
    services.conversations.rate(conversation_id, body.score, body.comment)
    return Response(status_code=204)


@router.get("/{conversation_id}/transcript")
def get_transcript(
    conversation_id: str,
    services: ServicesHere,
    authorised: Bearer,
    accept: Annotated[str, Header()] = "text/html",
) -> Response:
    """The whole conversation, to print or keep: HTML, or text with `Accept: text/plain`."""
    conversation = services.conversations.get(conversation_id)
    events = services.conversations.all_events(conversation_id)
    code = services.conversations.resume_code(conversation_id)
    commune = services.communes.get(conversation.commune)
    if commune is None:  # it has left the service since
        raise NotFound
    if accept.startswith("text/plain"):
        return PlainTextResponse(transcript.as_text(conversation, events, commune, code))
    return HTMLResponse(
        transcript.as_html(conversation, events, commune, code),
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'self'"},
    )


@router.get("/{conversation_id}/events")
async def get_events(
    conversation_id: str,
    services: ServicesHere,
    authorised: Bearer,
    after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0,
    accept: Annotated[str, Header()] = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """What happened after a cursor: at once, by long-poll (`wait`), or as a stream."""
    if "text/event-stream" in accept:
        cursor = int(last_event_id) if last_event_id.isdigit() else after
        return EventSourceResponse(
            _stream(services, conversation_id, cursor),
            ping=HEARTBEAT_SECONDS,
            headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
        )
    read = services.conversations.told_after
    deadline = time.monotonic() + wait
    with services.wakeups.listening(conversation_id) as listener:
        while True:
            listener.clear()
            found = await run_in_threadpool(read, conversation_id, after)
            remaining = deadline - time.monotonic()
            if found or remaining <= 0:
                break
            await listener.wait(min(POLL, remaining))
    cursor = found[-1]["seq"] if found else after
    return JSONResponse({"events": found, "cursor": cursor}, headers={"Cache-Control": "no-store"})


async def _stream(
    services: Services, conversation_id: str, cursor: int
) -> AsyncIterator[dict[str, str]]:
    """Yields events for a while; no transaction is open while it waits.

    The stream ends by itself after `STREAM_SECONDS`: the reader comes back with its last id.
    """
    end = asyncio.get_running_loop().time() + STREAM_SECONDS
    read = services.conversations.told_after
    typing: str | None = None
    with services.wakeups.listening(conversation_id) as listener:
        while asyncio.get_running_loop().time() < end:
            listener.clear()
            found = await run_in_threadpool(read, conversation_id, cursor)
            for event in found:
                cursor = event["seq"]
                yield {"id": str(cursor), "data": json.dumps(event)}
            if not found:
                writer = await run_in_threadpool(services.conversations.who_types, conversation_id)
                if writer != typing and writer != "resident":
                    notice = {
                        "seq": cursor,
                        "type": "typing",
                        "author": writer or typing,
                        "typing": writer is not None,
                        "created_at": now().isoformat(),
                    }
                    yield {"data": json.dumps(notice)}
                typing = writer
            await listener.wait(STREAM_POLL)
