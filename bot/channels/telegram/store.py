"""What the Telegram channel keeps in the database: how far each chat has been told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.channels.telegram.rendering import is_shown
from bot.conversation import events
from bot.conversation.choices import REMEMBERED
from bot.database.engine import Database
from bot.database.models import Conversation, Event, TelegramDelivery, Turn, TurnStatus, now

CHANNEL = "telegram"
# Longer than a send can last: only a process that died leaves a lease to run out.
LEASE = timedelta(seconds=60)


def external_id(chat_id: int) -> str:
    """Returns a chat's address as conversations know it."""
    return f"{CHANNEL}:{chat_id}"


@dataclass(frozen=True)
class Outlook:
    """Where a chat stands.

    Attributes:
        seq: The last event sent whole.
        part: How many pieces of the next one were sent.
        event: The next event to send, in the terms of the API, or None.
        skip_to: Seq of the last event when none of those left is to be sent, or None.
        busy: Seconds for which somebody has been preparing an answer, or None.
    """

    conversation_id: str
    chat_id: int
    seq: int
    part: int
    event: dict[str, Any] | None
    skip_to: int | None
    busy: float | None


class Chats:
    """The chats' cursors. Every method is one short transaction.

    Args:
        database: Where they are.
        resume_code: Gives the code of a conversation, which its person is told.
    """

    def __init__(self, database: Database, resume_code: Callable[[str], str]) -> None:
        self._database = database
        self._resume_code = resume_code

    def attach(self, conversation_id: str, chat_id: int, opened_by: int | None = None) -> None:
        """Makes a chat the reader of its conversation; one that had blocked us is back."""
        with self._database.read() as session:
            known = session.get(TelegramDelivery, conversation_id)
        if known is not None:
            if known.blocked:
                self.block(chat_id, False)
            return
        try:
            with self._database.write() as session:
                session.add(
                    TelegramDelivery(
                        conversation_id=conversation_id, chat_id=chat_id, opened_by=opened_by
                    )
                )
        except IntegrityError:
            # Another process was quicker.
            pass

    def adopt(self) -> None:
        """Attaches chats whose conversation was opened just before a crash."""
        with self._database.read() as session:
            orphans = session.execute(
                select(Conversation.id, Conversation.external_id)
                .outerjoin(TelegramDelivery, TelegramDelivery.conversation_id == Conversation.id)
                .where(
                    Conversation.channel == CHANNEL,
                    Conversation.external_id.is_not(None),
                    TelegramDelivery.conversation_id.is_(None),
                )
            ).all()
        for conversation_id, address in orphans:
            self.attach(conversation_id, int(str(address).partition(":")[2]))

    def was_opened_by(self, conversation_id: str, update_id: int) -> bool:
        """Tells whether this very update, delivered again, opened the conversation."""
        with self._database.read() as session:
            found = session.get(TelegramDelivery, conversation_id)
        return found is not None and found.opened_by == update_id

    def block(self, chat_id: int, blocked: bool) -> None:
        """Notes that a person blocked the bot, or that they are back."""
        with self._database.write() as session:
            session.execute(
                update(TelegramDelivery)
                .where(TelegramDelivery.chat_id == chat_id)
                .values(blocked=blocked, lease=None, lease_until=None)
            )

    def due(self) -> Sequence[str]:
        """Returns the conversations with something after their cursor."""
        with self._database.read() as session:
            return session.scalars(
                select(TelegramDelivery.conversation_id)
                .join(Conversation, Conversation.id == TelegramDelivery.conversation_id)
                .where(
                    Conversation.last_seq > TelegramDelivery.seq,
                    TelegramDelivery.blocked.is_(False),
                )
            ).all()

    def outlook(self, conversation_id: str) -> Outlook | None:
        """Returns where a chat stands; None when there is nobody to tell any more."""
        with self._database.read() as session:
            found = session.get(TelegramDelivery, conversation_id)
            if found is None or found.blocked:
                return None
            code = self._resume_code(conversation_id)
            following = [
                events.as_json(event, code)
                for event in events.after(session, conversation_id, found.seq)
            ]
            shown = next((event for event in following if is_shown(event)), None)
            moment = now()
            since = session.scalar(
                select(Turn.created_at)
                .where(
                    Turn.conversation_id == conversation_id,
                    Turn.status.in_((TurnStatus.PENDING, TurnStatus.RUNNING)),
                )
                .order_by(Turn.id)
                .limit(1)
            )
            conversation = session.get_one(Conversation, conversation_id)
            until = conversation.typing_until
            by_person = conversation.typing_author == "counsellor"
            if since is None and by_person and until and until > moment:
                # How long they have been writing is not known; it is time to show it.
                since = moment - timedelta(seconds=1)
            return Outlook(
                conversation_id=conversation_id,
                chat_id=found.chat_id,
                seq=found.seq,
                part=found.part,
                event=shown,
                skip_to=following[-1]["seq"] if following and shown is None else None,
                busy=(moment - since).total_seconds() if since is not None else None,
            )

    def claim(self, outlook: Outlook) -> str | None:
        """Takes the right to send the next piece; None when another process has it or sent it."""
        lease = secrets.token_hex(12)
        with self._database.write() as session:
            won = session.execute(
                update(TelegramDelivery)
                .where(
                    TelegramDelivery.conversation_id == outlook.conversation_id,
                    TelegramDelivery.seq == outlook.seq,
                    TelegramDelivery.part == outlook.part,
                    TelegramDelivery.blocked.is_(False),
                    or_(TelegramDelivery.lease.is_(None), TelegramDelivery.lease_until < now()),
                )
                .values(lease=lease, lease_until=now() + LEASE)
                .execution_options(synchronize_session=False)
            ).rowcount  # type: ignore[attr-defined]
        return lease if won else None

    def settle(self, conversation_id: str, lease: str, seq: int, part: int) -> None:
        """Gives the right back, with the cursor where the sending left it."""
        with self._database.write() as session:
            session.execute(
                update(TelegramDelivery)
                .where(
                    TelegramDelivery.conversation_id == conversation_id,
                    TelegramDelivery.lease == lease,
                )
                .values(seq=seq, part=part, lease=None, lease_until=None)
                .execution_options(synchronize_session=False)
            )

    def skip(self, outlook: Outlook) -> None:
        """Moves the cursor over events that are not sent."""
        with self._database.write() as session:
            session.execute(
                update(TelegramDelivery)
                .where(
                    TelegramDelivery.conversation_id == outlook.conversation_id,
                    TelegramDelivery.seq == outlook.seq,
                    TelegramDelivery.part == 0,
                )
                .values(seq=outlook.skip_to)
                .execution_options(synchronize_session=False)
            )

    def offered(self, conversation_id: str) -> list[str]:
        """Returns the ids of the choices offered lately, the latest first."""
        with self._database.read() as session:
            payloads = session.scalars(
                select(Event.payload)
                .where(Event.conversation_id == conversation_id, Event.author != "resident")
                .order_by(Event.seq.desc())
                .limit(REMEMBERED)
            ).all()
        return [choice["id"] for payload in payloads for choice in payload.get("choices", [])]
