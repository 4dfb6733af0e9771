"""What can be done to a conversation, from any channel. Every function is one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.commune.model import Commune
from bot.conversation import events, keys
from bot.conversation.choices import label_of
from bot.conversation.wakeup import Wakeups
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    ConversationState,
    ConversationToken,
    Event,
    Rating,
    Turn,
    TurnStatus,
    now,
)
from bot.errors import Invalid, NotFound, TooManyRequests
from bot.privacy.masking import mask
from knowledge.guide import Guide

MOST_CHARACTERS = 2000
TYPING_SECONDS = 6
CHANNELS = ("web", "telegram")
AUDIENCES = ("resident", "agent")


class UnknownCommune(Invalid):
    """No commune has this id."""

    code = "unknown_commune"
    message = "Cette commune n'utilise pas Passerelle. Vérifiez le réglage du site."


class BadMessage(Invalid):
    """Empty, too long, or both a text and a choice."""

    code = "bad_message"
    message = "Écrivez un message, de 2000 caractères au plus."


@dataclass(frozen=True)
class Opened:
    """A conversation and the keys to it."""

    id: str
    token: str
    resume_code: str
    cursor: int


@dataclass(frozen=True)
class Received:
    """Where a message was stored; `again` when it had been received before."""

    seq: int
    again: bool


class Conversations:
    """The conversations of one service.

    Args:
        database: Where they live.
        wakeups: Whom to wake when something happens.
        communes: The communes by id.
        guide: Writes the first words.
        secret: Signs resume codes.
        messages_per_minute: Limit of one conversation.
    """

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        communes: dict[str, Commune],
        guide: Guide,
        secret: str,
        messages_per_minute: int,
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._communes = communes
        self._guide = guide
        self._secret = secret
        self._messages_per_minute = messages_per_minute

    def resume_code(self, conversation_id: str) -> str:
        """Returns the code to come back with."""
        return keys.resume_code(self._secret, conversation_id)

    def open(
        self,
        commune_id: str,
        audience: str = "resident",
        channel: str = "web",
        external_id: str | None = None,
    ) -> Opened:
        """Opens a conversation; the welcome is its first event.

        Args:
            commune_id: Whose counsellors answer.
            audience: `resident` or `agent`.
            channel: `web` or `telegram`.
            external_id: The person's address on that channel, if it has one.

        Raises:
            UnknownCommune: No such commune.
            Invalid: No such audience.
        """
        commune = self._communes.get(commune_id)
        if commune is None:
            raise UnknownCommune
        if audience not in AUDIENCES:
            raise Invalid("Le public doit être « resident » ou « agent ».")
        conversation_id, token = keys.new_id(), keys.new_token()
        code = self.resume_code(conversation_id)
        welcome = self._guide.welcome(
            audience, commune.name, commune.hours_text, commune.suggestions(audience)
        )
        with self._database.write() as session:
            conversation = Conversation(
                id=conversation_id,
                commune=commune.id,
                audience=audience,
                channel=channel,
                external_id=external_id,
                state=ConversationState.BOT,
                guide=welcome.state.to_json(),
                last_seq=0,
                resume_hash=keys.digest(code),
            )
            session.add(conversation)
            session.flush()
            session.add(ConversationToken(hash=keys.digest(token), conversation_id=conversation_id))
            for part in welcome.parts:
                events.speak(session, conversation, "bot", part.to_json())
        return Opened(conversation_id, token, code, 0)

    def resume(self, typed_code: str) -> Opened:
        """Opens an existing conversation on another device.

        Raises:
            NotFound: No conversation has this code.
        """
        code = keys.normal_code(typed_code)
        token = keys.new_token()
        with self._database.write() as session:
            conversation_id = session.scalar(
                select(Conversation.id).where(Conversation.resume_hash == keys.digest(code))
            )
            if conversation_id is None:
                raise NotFound("Ce code ne correspond à aucune conversation. Vérifiez-le.")
            session.add(ConversationToken(hash=keys.digest(token), conversation_id=conversation_id))
        return Opened(conversation_id, token, code, 0)

    def authorise(self, conversation_id: str, token: str) -> None:
        """Checks a device's key.

        Raises:
            NotFound: Wrong key, or no such conversation: nobody can tell which.
        """
        with self._database.read() as session:
            found = session.get(ConversationToken, keys.digest(token))
        if found is None or found.conversation_id != conversation_id:
            raise NotFound

    def by_token(self, token: str) -> str | None:
        """Returns the id of the conversation that a key opens, or None."""
        with self._database.read() as session:
            found = session.get(ConversationToken, keys.digest(token))
        return found.conversation_id if found else None

    def by_external_id(self, external_id: str) -> Conversation | None:
        """Returns the conversation of a person on another channel, or None."""
        with self._database.read() as session:
            return session.scalar(
                select(Conversation).where(Conversation.external_id == external_id)
            )

    def get(self, conversation_id: str) -> Conversation:
        """Returns a conversation.

        Raises:
            NotFound: No such conversation.
        """
        with self._database.read() as session:
            conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            raise NotFound
        return conversation

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
        if not 0 < len(client_message_id) <= 64:
            raise BadMessage("Le message n'a pas d'identifiant valable. Rechargez la page.")
        received = self._store(conversation_id, client_message_id, text, choice)
        if not received.again:
            self._wakeups.notify(conversation_id, "turns", "tickets")
        return received

    def _store(
        self, conversation_id: str, client_message_id: str, text: str | None, choice: str | None
    ) -> Received:
        with self._database.write() as session:
            # Locked first: of two requests with the same id at once, one finds the other's turn.
            conversation = session.get(Conversation, conversation_id, with_for_update=True)
            if conversation is None:
                raise NotFound
            known = session.scalar(
                select(Turn.seq).where(
                    Turn.conversation_id == conversation_id,
                    Turn.client_message_id == client_message_id,
                )
            )
            if known is not None:
                return Received(known, again=True)
            self._check_rate(session, conversation_id)
            shown = mask(text) if text else label_of(session, conversation_id, choice or "")
            if conversation.state == ConversationState.CLOSED:
                conversation.state = ConversationState.BOT
            if conversation.typing_author == "resident":
                conversation.typing_until = None
            event = events.append(
                session, conversation, "message", "resident", shown, choice=choice
            )
            to_person = conversation.state == ConversationState.COUNSELLOR
            session.add(
                Turn(
                    conversation_id=conversation_id,
                    client_message_id=client_message_id,
                    seq=event.seq,
                    text=shown if text else "",
                    choice=choice,
                    status=TurnStatus.KEPT if to_person else TurnStatus.PENDING,
                )
            )
            return Received(event.seq, again=False)

    def _check_rate(self, session: Session, conversation_id: str) -> None:
        recent = session.scalar(
            select(func.count())
            .select_from(Turn)
            .where(
                Turn.conversation_id == conversation_id,
                Turn.created_at > now() - timedelta(minutes=1),
            )
        )
        if (recent or 0) >= self._messages_per_minute:
            raise TooManyRequests

    def events_after(self, conversation_id: str, seq: int) -> Sequence[Event]:
        """Returns the events that follow a cursor."""
        with self._database.read() as session:
            return events.after(session, conversation_id, seq)

    def all_events(self, conversation_id: str) -> Sequence[Event]:
        """Returns the whole conversation."""
        with self._database.read() as session:
            return events.after(session, conversation_id, 0, limit=100_000)

    def who_types(self, conversation_id: str) -> str | None:
        """Returns who is writing now: `resident`, `counsellor` or None."""
        with self._database.read() as session:
            row = session.execute(
                select(Conversation.typing_author, Conversation.typing_until).where(
                    Conversation.id == conversation_id
                )
            ).one_or_none()
        return row[0] if row and row[1] and row[1] > now() else None

    def typing(self, conversation_id: str, author: str) -> None:
        """Notes that somebody is writing, for a few seconds."""
        with self._database.write() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None:
                raise NotFound
            conversation.typing_author = author
            conversation.typing_until = now() + timedelta(seconds=TYPING_SECONDS)
        self._wakeups.notify(conversation_id)

    def rate(self, conversation_id: str, score: int, comment: str) -> None:
        """Keeps what the person thought; the latest opinion replaces the former.

        Raises:
            Invalid: The score is not from 1 to 5.
        """
        if not 1 <= score <= 5:
            raise Invalid("La note va de 1 à 5.")
        with self._database.write() as session:
            session.merge(
                Rating(
                    conversation_id=conversation_id,
                    score=score,
                    comment=mask(comment[:MOST_CHARACTERS]),
                    created_at=now(),
                )
            )
