"""The desk: every move of a counsellor on a ticket.

A ticket and the conversation's state change in the same transaction, so that at any moment exactly
one of bot, queue and counsellor answers.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversation import events
from bot.conversation.events import speak
from bot.conversation.service import TYPING_SECONDS
from bot.conversation.wakeup import Wakeups
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    Counsellor,
    Ticket,
    TicketNote,
    TicketState,
    now,
)
from bot.errors import Forbidden, Invalid
from bot.handoff import attendance, queue
from bot.handoff.moves import make
from bot.handoff.states import ANSWERS, Move, TicketAlreadyClaimed, after
from bot.handoff.tickets import communes_of, find
from bot.journal import service as journal
from bot.privacy.masking import mask
from knowledge.guide import Guide
from knowledge.reply import State
from knowledge.texts import say

MOST_CHARACTERS = 4000


class Desk:
    """What a counsellor does with tickets.

    Every method takes the acting counsellor; a ticket outside their communes does not exist for
    them (`NotFound`).
    """

    def __init__(self, database: Database, wakeups: Wakeups, guide: Guide) -> None:
        self._database = database
        self._wakeups = wakeups
        self._guide = guide

    def claim(self, counsellor: Counsellor, ticket_id: int) -> None:
        """Takes a ticket: exactly one counsellor wins.

        Raises:
            TicketAlreadyClaimed: Somebody else has it.
        """
        with self._database.write() as session:
            ticket = self._held(session, counsellor, ticket_id)
            won = session.execute(
                update(Ticket)
                .where(Ticket.id == ticket_id, Ticket.state == TicketState.WAITING)
                .values(state=TicketState.CLAIMED, counsellor_id=counsellor.id, claimed_at=now())
                .execution_options(synchronize_session=False)
            ).rowcount  # type: ignore[attr-defined]
            if not won:
                session.refresh(ticket)
                after(TicketState(ticket.state), Move.CLAIM)
                raise TicketAlreadyClaimed
            session.refresh(ticket)
            conversation = session.get_one(Conversation, ticket.conversation_id)
            conversation.state = ANSWERS[TicketState.CLAIMED]
            text = say("service.counsellor_joined", name=counsellor.name)
            events.append(session, conversation, "state", "system", text, name=counsellor.name)
            journal.note(session, _actor(counsellor), "ticket.claim", f"ticket:{ticket_id}")
        self._wake(ticket)

    def attend(self, counsellor: Counsellor) -> None:
        """Tells those who wait, with nobody there until now, that a counsellor has arrived."""
        with self._database.read() as session:
            communes = communes_of(session, counsellor)
        told = attendance.tell_waiting(self._database, communes)
        if told:
            self._wakeups.notify(*told, "tickets")

    def reply(self, counsellor: Counsellor, ticket_id: int, text: str) -> int:
        """Writes to the person; returns the event's seq."""
        text = _clean(text)
        with self._database.write() as session:
            ticket = self._own(session, counsellor, ticket_id)
            make(session, ticket, Move.REPLY)
            conversation = session.get_one(Conversation, ticket.conversation_id)
            conversation.typing_until = None
            event = events.append(
                session,
                conversation,
                "message",
                "counsellor",
                # A counsellor may give the town hall's number.
                mask(text, keep=("phone", "email")),
                name=counsellor.name,
            )
        self._wake(ticket)
        return event.seq

    def typing(self, counsellor: Counsellor, ticket_id: int) -> None:
        """Shows the person that their counsellor is writing, for a few seconds."""
        with self._database.write() as session:
            ticket = self._own(session, counsellor, ticket_id)
            after(TicketState(ticket.state), Move.REPLY)
            conversation = session.get_one(Conversation, ticket.conversation_id)
            conversation.typing_author = "counsellor"
            conversation.typing_until = now() + timedelta(seconds=TYPING_SECONDS)
        self._wakeups.notify(ticket.conversation_id)

    def note(self, counsellor: Counsellor, ticket_id: int, text: str) -> None:
        """Leaves a note for colleagues."""
        text = _clean(text)
        with self._database.write() as session:
            ticket = find(session, counsellor, ticket_id)
            session.add(
                TicketNote(ticket_id=ticket_id, counsellor_id=counsellor.id, text=mask(text))
            )
        self._wake(ticket)

    def release(self, counsellor: Counsellor, ticket_id: int) -> None:
        """Puts a ticket back in the queue, at its old place."""
        with self._database.write() as session:
            ticket = self._own(session, counsellor, ticket_id)
            make(session, ticket, Move.RELEASE)
            ticket.counsellor_id = ticket.claimed_at = None
            text = say("service.counsellor_released", name=counsellor.name)
            self._tell(session, ticket, text, TicketState.WAITING)
            journal.note(session, _actor(counsellor), "ticket.release", f"ticket:{ticket_id}")
        self._wake(ticket)

    def transfer(self, counsellor: Counsellor, ticket_id: int, to: int) -> None:
        """Gives a claimed ticket to a colleague of the same commune.

        Raises:
            Invalid: The colleague does not serve this commune.
        """
        with self._database.write() as session:
            ticket = self._own(session, counsellor, ticket_id)
            make(session, ticket, Move.TRANSFER)
            colleague = session.get(Counsellor, to)
            if colleague is not None and colleague.id == counsellor.id:
                raise Invalid("Vous suivez déjà cette demande. Choisissez une autre personne.")
            if colleague is None or ticket.commune not in communes_of(session, colleague):
                raise Invalid("Cette personne ne répond pas pour cette commune.")
            ticket.counsellor_id = colleague.id
            text = say("service.counsellor_transferred", name=colleague.name)
            self._tell(session, ticket, text, TicketState.CLAIMED)
            journal.note(
                session, _actor(counsellor), "ticket.transfer", f"ticket:{ticket_id}", to=to
            )
        self._wake(ticket)

    def resolve(self, counsellor: Counsellor, ticket_id: int) -> None:
        """Ends the exchange; the bot answers again."""
        with self._database.write() as session:
            ticket = self._own(session, counsellor, ticket_id)
            make(session, ticket, Move.RESOLVE)
            ticket.closed_at = now()
            self._tell(session, ticket, say("service.resolved"), TicketState.RESOLVED)
            journal.note(session, _actor(counsellor), "ticket.resolve", f"ticket:{ticket_id}")
        self._wake(ticket)

    def return_to_bot(self, counsellor: Counsellor, ticket_id: int, step: str | None) -> None:
        """Gives the conversation back to the bot, at a step of the current procedure.

        Raises:
            Invalid: The procedure has no such step.
        """
        with self._database.write() as session:
            ticket = self._own(session, counsellor, ticket_id)
            conversation = session.get_one(Conversation, ticket.conversation_id)
            state = State.from_json(conversation.guide)
            try:
                reply = self._guide.return_from_counsellor(state, step)
            except KeyError as error:
                raise Invalid("Cette étape n'existe pas dans la démarche en cours.") from error
            make(session, ticket, Move.RETURN_TO_BOT)
            ticket.closed_at = now()
            conversation.state = ANSWERS[TicketState.RETURNED]
            conversation.guide = reply.state.to_json()
            events.append(session, conversation, "state", "system")
            for part in reply.parts:
                speak(session, conversation, "bot", part.to_json())
            journal.note(
                session, _actor(counsellor), "ticket.return", f"ticket:{ticket_id}", step=step
            )
        self._wake(ticket)

    # --- pieces ----------------------------------------------------------------------------

    def _held(self, session: Session, counsellor: Counsellor, ticket_id: int) -> Ticket:
        """Finds a ticket that is about to change.

        Its conversation is locked before, as whoever writes there does: in another order, two
        transactions could wait for each other.
        """
        of_ticket = select(Ticket.conversation_id).where(Ticket.id == ticket_id).scalar_subquery()
        session.scalar(select(Conversation).where(Conversation.id == of_ticket).with_for_update())
        return find(session, counsellor, ticket_id)

    def _own(self, session: Session, counsellor: Counsellor, ticket_id: int) -> Ticket:
        ticket = self._held(session, counsellor, ticket_id)
        if ticket.state == TicketState.CLAIMED and ticket.counsellor_id != counsellor.id:
            raise Forbidden("Cette demande est suivie par un autre conseiller.")
        return ticket

    def _tell(self, session: Session, ticket: Ticket, text: str, state: TicketState) -> None:
        conversation = session.get_one(Conversation, ticket.conversation_id)
        conversation.state = ANSWERS[state]
        session.flush()
        place = queue.place(session, ticket) if state is TicketState.WAITING else None
        events.append(session, conversation, "state", "system", text, queue=place)

    def _wake(self, ticket: Ticket) -> None:
        self._wakeups.notify(ticket.conversation_id, "tickets", "turns")


def _actor(counsellor: Counsellor) -> str:
    return f"counsellor:{counsellor.id}"


def _clean(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= MOST_CHARACTERS:
        raise Invalid(f"Écrivez un message, de {MOST_CHARACTERS} caractères au plus.")
    return text
