"""The counsellor API: see the routes' descriptions at `/docs`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse

from bot.channels.web.requests import ServicesHere, services_of
from bot.console.session import (
    SameSite,
    SignedIn,
    close_session,
    open_session,
    visitor,
)
from bot.conversation.wakeup import POLL
from bot.counsellor.service import is_present
from bot.database.models import Counsellor, TicketState
from bot.errors import Invalid
from bot.handoff import board
from bot.handoff.states import OPEN
from bot.services import Services

STREAM_SECONDS = 600.0
HEARTBEAT_SECONDS = 15
MOST_CLOSED = 50
CLOSED = tuple(state for state in TicketState if state not in OPEN)


def _fresh(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/api", tags=["counsellors"], dependencies=[Depends(_fresh)])


class Credentials(BaseModel):
    """What the sign-in form sends."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1000)


class Words(BaseModel):
    """What a counsellor writes, to the person or to colleagues."""

    text: str


class To(BaseModel):
    """The colleague who takes over, by account id."""

    to: int


class AtStep(BaseModel):
    """Where the assistant goes on; the current step when null."""

    step: str | None = None


class Presence(BaseModel):
    """Whether the counsellor answers now."""

    present: bool


# --- session -----------------------------------------------------------------------------------


@router.post("/counsellor/session", status_code=204)
def sign_in(
    body: Credentials, request: Request, services: ServicesHere, same_site: SameSite
) -> Response:
    """Opens a session; the cookie cannot be read by scripts nor sent by other sites."""
    response = Response(status_code=204)
    open_session(request, response, services.accounts.sign_in(body.email, body.password))
    return response


@router.delete("/counsellor/session", status_code=204)
def sign_out(request: Request, counsellor: SignedIn) -> Response:
    """Ends the session."""
    response = Response(status_code=204)
    close_session(request, response)
    return response


@router.get("/counsellor/me")
def me(services: ServicesHere, counsellor: SignedIn) -> dict[str, Any]:
    """Who is signed in, and for which communes."""
    served = services.accounts.communes_of(counsellor)
    return {
        "id": counsellor.id,
        "name": counsellor.name,
        "email": counsellor.email,
        "role": counsellor.role,
        "present": is_present(counsellor),
        "communes": [
            {"id": commune, "name": services.communes[commune].name}
            for commune in served
            if commune in services.communes
        ],
    }


@router.put("/presence")
def put_presence(body: Presence, services: ServicesHere, counsellor: SignedIn) -> dict[str, bool]:
    """Says that the counsellor answers, for 90 seconds, or no longer."""
    if services.accounts.set_presence(counsellor, body.present):
        services.desk.attend(counsellor)
    return {"present": body.present}


# --- the board ---------------------------------------------------------------------------------


@router.get("/tickets")
def tickets(
    services: ServicesHere, counsellor: SignedIn, state: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The tickets of the counsellor's communes: one state, `open`, `closed`, or all."""
    found: list[dict[str, Any]] = []
    for wanted in _states(state):
        found += services.tickets.all(counsellor, wanted)
    if state == "closed":
        found.sort(key=lambda ticket: ticket["closed_at"] or "", reverse=True)
        found = found[:MOST_CLOSED]
    return {"tickets": found}


def _states(asked: str | None) -> Sequence[TicketState | None]:
    if asked in (None, ""):
        return (None,)
    if asked == "open":
        return OPEN
    if asked == "closed":
        return CLOSED
    try:
        return (TicketState(asked),)
    except ValueError as error:
        known = ", ".join((*TicketState, "open", "closed"))
        raise Invalid(f"L'état doit être l'un de ceux-ci : {known}.") from error


@router.get("/tickets/events")
async def ticket_events(request: Request, counsellor: SignedIn) -> Response:
    """A stream: `tickets` whenever open tickets may have changed, with their ids."""
    return EventSourceResponse(
        _changes(request, counsellor),
        ping=HEARTBEAT_SECONDS,
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )


async def _changes(request: Request, counsellor: Counsellor) -> AsyncIterator[dict[str, str]]:
    """Yields what changed since the last look; no transaction is open while it waits.

    Ends after `STREAM_SECONDS`, or with the session: the reader comes back, or signs in.
    """
    services = services_of(request)
    clock = asyncio.get_running_loop().time
    end, check_session_at = clock() + STREAM_SECONDS, clock() + HEARTBEAT_SECONDS
    known: dict[int, board.Glimpse] | None = None
    while clock() < end:
        if clock() > check_session_at:
            if await run_in_threadpool(visitor, request) is None:
                return
            check_session_at = clock() + HEARTBEAT_SECONDS
        seen = await run_in_threadpool(_look, services, counsellor)
        if known is None or seen != known:
            before = known or {}
            changed = [i for i in before.keys() | seen.keys() if before.get(i) != seen.get(i)]
            known = seen
            yield {"event": "tickets", "data": json.dumps({"changed": sorted(changed)})}
        await services.wakeups.wait("tickets", POLL)


def _look(services: Services, counsellor: Counsellor) -> dict[int, board.Glimpse]:
    communes = services.accounts.communes_of(counsellor)
    with services.database.read() as session:
        return board.glimpses(session, communes)


# --- one ticket --------------------------------------------------------------------------------


@router.get("/tickets/{ticket_id}")
def ticket(ticket_id: int, services: ServicesHere, counsellor: SignedIn) -> dict[str, Any]:
    """A ticket, its hand-over card, its notes, its conversation and who else could take it."""
    found = services.tickets.one(counsellor, ticket_id)
    colleagues = services.accounts.colleagues(counsellor, found["commune"])
    return {**found, "colleagues": colleagues}


@router.get("/tickets/{ticket_id}/events")
def events(
    ticket_id: int,
    services: ServicesHere,
    counsellor: SignedIn,
    after: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """What followed in the conversation, and who is writing there."""
    found, typing = services.tickets.events_after(counsellor, ticket_id, after)
    cursor = found[-1]["seq"] if found else after
    return {"events": found, "typing": typing, "cursor": cursor}


@router.post("/tickets/{ticket_id}/claim", status_code=204)
def claim(ticket_id: int, services: ServicesHere, counsellor: SignedIn) -> Response:
    """Takes a waiting ticket; exactly one counsellor wins, the others get 409."""
    services.desk.claim(counsellor, ticket_id)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/reply")
def reply(
    ticket_id: int, body: Words, services: ServicesHere, counsellor: SignedIn
) -> dict[str, int]:
    """Writes to the person."""
    return {"seq": services.desk.reply(counsellor, ticket_id, body.text)}


@router.post("/tickets/{ticket_id}/typing", status_code=204)
def typing(ticket_id: int, services: ServicesHere, counsellor: SignedIn) -> Response:
    """Shows the person that their counsellor is writing."""
    services.desk.typing(counsellor, ticket_id)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/note", status_code=204)
def note(ticket_id: int, body: Words, services: ServicesHere, counsellor: SignedIn) -> Response:
    """Leaves a note that only colleagues see."""
    services.desk.note(counsellor, ticket_id, body.text)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/transfer", status_code=204)
def transfer(ticket_id: int, body: To, services: ServicesHere, counsellor: SignedIn) -> Response:
    """Gives the ticket to a colleague of the same commune."""
    services.desk.transfer(counsellor, ticket_id, body.to)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/return-to-bot", status_code=204)
def return_to_bot(
    ticket_id: int,
    services: ServicesHere,
    counsellor: SignedIn,
    body: AtStep | None = None,
) -> Response:
    """Gives the conversation back to the assistant, at a step of the current procedure."""
    services.desk.return_to_bot(counsellor, ticket_id, body.step if body else None)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/resolve", status_code=204)
def resolve(ticket_id: int, services: ServicesHere, counsellor: SignedIn) -> Response:
    """Ends the exchange."""
    services.desk.resolve(counsellor, ticket_id)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/release", status_code=204)
def release(ticket_id: int, services: ServicesHere, counsellor: SignedIn) -> Response:
    """Puts the ticket back in the queue, at its old place."""
    services.desk.release(counsellor, ticket_id)
    return Response(status_code=204)
