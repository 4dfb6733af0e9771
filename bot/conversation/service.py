"""What can be done to a conversation, from any channel. Every function is one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.commune.model import Commune
from bot.conversation import events, keys
from bot.conversation.wakeup import Wakeups
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    ConversationState,
    ConversationToken,
    Event,
    Rating,
    now,
)
from bot.errors import Invalid, NotFound
from bot.privacy.masking import mask
from knowledge.guide import Guide

LONGEST_COMMENT = 2000
TYPING_SECONDS = 6
CHANNELS = ("web", "telegram")
AUDIENCES = ("resident", "agent")


class UnknownCommune(Invalid):
    """No commune has this id."""

    code = "unknown_commune"
    message = "Cette commune n'utilise pas Passerelle. Vérifiez le réglage du site."


@dataclass(frozen=True)
class Opened:
    """A conversation and the keys to it."""

    id: str
    token: str
    resume_code: str
    cursor: int


class Conversations:
    """The conversations of one service.

    Args:
        database: Where they live.
        wakeups: Whom to wake when something happens.
        communes: The communes by id.
        guide: Writes the first words.
        secret: Signs resume codes.
    """

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        communes: dict[str, Commune],
        guide: Guide,
        secret: str,
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._communes = communes
        self._guide = guide
        self._secret = secret

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
            parts = [part.to_json() for part in welcome.parts]
            events.speak_all(session, conversation, "bot", parts)
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

    def events_after(self, conversation_id: str, seq: int) -> Sequence[Event]:
        """Returns the events that follow a cursor."""
        with self._database.read() as session:
            return events.after(session, conversation_id, seq)

    def told_after(self, conversation_id: str, seq: int) -> list[dict[str, Any]]:
        """Returns the events that follow a cursor, in the terms of the API, for the person."""
        code = self.resume_code(conversation_id)
        return [events.as_json(event, code) for event in self.events_after(conversation_id, seq)]

    def told(self, conversation_id: str) -> list[dict[str, Any]]:
        """Returns the whole conversation, in the terms of the API, for the person."""
        code = self.resume_code(conversation_id)
        return [events.as_json(event, code) for event in self.all_events(conversation_id)]

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
                    comment=mask(comment[:LONGEST_COMMENT]),
                    created_at=now(),
                )
            )
