"""What a person sends: stored once, masked, with the turn that will answer it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bot.conversation import events
from bot.conversation.choices import label_of
from bot.conversation.shortcut import Lease, Shortcut
from bot.conversation.wakeup import Wakeups
from bot.database.engine import Database
from bot.database.models import Conversation, ConversationState, Turn, TurnStatus, now
from bot.errors import Invalid, NotFound, TooManyRequests
from bot.privacy.masking import mask

MOST_CHARACTERS = 2000
LONGEST_ID = 64


class BadMessage(Invalid):
    """Empty, too long, or both a text and a choice."""

    code = "bad_message"
    message = "Écrivez un message, de 2000 caractères au plus."


@dataclass(frozen=True)
class Received:
    """Where a message was stored; `again` when it had been received before."""

    seq: int
    again: bool


@dataclass(frozen=True)
class _Message:
    conversation_id: str
    client_id: str
    text: str | None
    choice: str | None


class Inbox:
    """Receives messages.

    Args:
        database: Where they are stored.
        wakeups: Whom to wake.
        shortcut: Takes the turn to the runner of this process.
        messages_per_minute: Limit of one conversation.
    """

    def __init__(
        self, database: Database, wakeups: Wakeups, shortcut: Shortcut, messages_per_minute: int
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._shortcut = shortcut
        self._messages_per_minute = messages_per_minute

    def receive(
        self,
        conversation_id: str,
        client_message_id: str,
        text: str | None = None,
        choice: str | None = None,
    ) -> Received:
        """Stores a message, masked, and the turn that will answer it.

        Args:
            conversation_id: Where.
            client_message_id: Chosen by the sender; the same one again changes nothing.
            text: What the person typed, or None.
            choice: Id of the button they pressed, or None.

        Raises:
            BadMessage: Not exactly one of text and choice, empty or too long.
            UnknownChoice: The button was not offered.
            TooManyRequests: Too many messages in a minute.
            NotFound: No such conversation.
        """
        text = text.strip() if text is not None else None
        if bool(text) == bool(choice) or len(text or "") > MOST_CHARACTERS:
            raise BadMessage
        if not 0 < len(client_message_id) <= LONGEST_ID:
            raise BadMessage("Le message n'a pas d'identifiant valable. Rechargez la page.")
        message = _Message(conversation_id, client_message_id, text, choice)
        lease = self._shortcut.take()
        turn = None
        try:
            with self._database.write() as session:
                # Locked first: of two requests with the same id at once, one finds the other's.
                conversation = session.get(Conversation, conversation_id, with_for_update=True)
                if conversation is None:
                    raise NotFound
                if known := self._known(session, message):
                    return Received(known, again=True)
                turn = self._store(session, conversation, message, lease)
        finally:
            if lease and (turn is None or turn.lease is None):
                self._shortcut.give_back()
        if turn.lease:
            self._shortcut.hand(turn, conversation)
        elif turn.status == TurnStatus.PENDING:
            self._shortcut.leave()
            self._wakeups.notify("turns")
        self._wakeups.notify(conversation_id, "tickets")
        return Received(turn.seq, again=False)

    def _known(self, session: Session, message: _Message) -> int | None:
        return session.scalar(
            select(Turn.seq).where(
                Turn.conversation_id == message.conversation_id,
                Turn.client_message_id == message.client_id,
            )
        )

    def _store(
        self, session: Session, conversation: Conversation, message: _Message, lease: Lease | None
    ) -> Turn:
        recent, open_turns = self._count(session, conversation.id)
        if recent >= self._messages_per_minute:
            raise TooManyRequests
        text = mask(message.text) if message.text else ""
        shown = text or label_of(session, conversation.id, message.choice or "")
        if conversation.state == ConversationState.CLOSED:
            conversation.state = ConversationState.BOT
        if conversation.typing_author == "resident":
            conversation.typing_until = None
        event = events.append(
            session, conversation, "message", "resident", shown, choice=message.choice
        )
        turn = Turn(
            conversation_id=conversation.id,
            client_message_id=message.client_id,
            seq=event.seq,
            text=text,
            choice=message.choice,
            status=TurnStatus.PENDING,
            attempts=0,
            warned=False,
            created_at=now(),
        )
        if conversation.state == ConversationState.COUNSELLOR:
            turn.status = TurnStatus.KEPT
        elif lease and not open_turns:
            turn.status, turn.attempts = TurnStatus.RUNNING, 1
            turn.lease, turn.lease_until = lease.key, lease.until
        session.add(turn)
        return turn

    def _count(self, session: Session, conversation_id: str) -> tuple[int, bool]:
        """Returns the messages of the last minute, and whether a turn is still to be answered."""
        own = Turn.conversation_id == conversation_id
        under_way = Turn.status.in_((TurnStatus.PENDING, TurnStatus.RUNNING))
        recent = (
            select(func.count())
            .select_from(Turn)
            .where(own, Turn.created_at > now() - timedelta(minutes=1))
            .scalar_subquery()
        )
        row = session.execute(select(recent, exists().where(own, under_way))).one()
        return int(row[0] or 0), bool(row[1])
