"""The queue: a person's place in it, and an honest waiting time."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.commune.model import Commune
from bot.database.models import Counsellor, CounsellorCommune, Ticket, TicketState, now
from knowledge.reply import RESUME_CODE
from knowledge.texts import say

LOOK_BACK = timedelta(days=14)
# Under this many recent claims an estimate would be a guess: none is given.
LEAST_CLAIMS = 5


def place(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Returns `{"position", "wait_minutes"}`; position 1 is the next, minutes None when unknown."""
    before = (
        session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(
                Ticket.commune == ticket.commune,
                Ticket.state == TicketState.WAITING,
                Ticket.id < ticket.id,
            )
        )
        or 0
    )
    return {"position": before + 1, "wait_minutes": _wait_minutes(session, ticket.commune, before)}


def present(session: Session, commune: str) -> int:
    """Returns how many counsellors of a commune are there now."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Counsellor)
            .join(CounsellorCommune, CounsellorCommune.counsellor_id == Counsellor.id)
            .where(CounsellorCommune.commune == commune, Counsellor.present_until > now())
        )
        or 0
    )


def announce(session: Session, ticket: Ticket, commune: Commune) -> str:
    """Says where the person stands; the truth when nobody is there."""
    where = place(session, ticket)
    code_text = say("service.queue_code", code=RESUME_CODE)
    if not present(session, commune.id):
        absent = say("service.queue_absent", hours=commune.hours_text, absence=commune.absence_text)
        return f"{absent} {code_text}"
    before = where["position"] - 1
    if before == 0:
        text = say("service.queue_first")
    else:
        people = (
            say("service.queue_before_one")
            if before == 1
            else say("service.queue_before_many", count=before)
        )
        text = say("service.queue_position", before=people)
    if where["wait_minutes"]:
        text += " " + say("service.queue_wait", minutes=where["wait_minutes"])
    return text


def _wait_minutes(session: Session, commune: str, before: int) -> int | None:
    """Median of what people waited lately, for a queue of this length."""
    if not present(session, commune):
        return None
    recent = session.execute(
        select(Ticket.created_at, Ticket.claimed_at)
        .where(
            Ticket.commune == commune,
            Ticket.claimed_at.is_not(None),
            Ticket.created_at > now() - LOOK_BACK,
        )
        .order_by(Ticket.id.desc())
        .limit(50)
    ).all()
    waits = [(claimed - created).total_seconds() / 60 for created, claimed in recent if claimed]
    if len(waits) < LEAST_CLAIMS:
        return None
    return max(1, round(median(waits) * (1 + before / max(1, present(session, commune)))))
