"""One message on its way to Telegram, and what its refusal means for the chat."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from dataclasses import dataclass

from telegram import Bot, LinkPreviewOptions
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.channels.telegram.buttons import keyboard
from bot.channels.telegram.rendering import Piece

log = logging.getLogger("passerelle.telegram")

# Shorter than the lease held meanwhile.
SEND_SECONDS = 45.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
DIRECT_TRIES = 3
_NOBODY_THERE = ("chat not found", "user is deactivated", "peer_id_invalid")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Verdict(enum.Enum):
    """What became of a message."""

    SENT = "sent"
    # Nobody reads this chat any more.
    BLOCKED = "blocked"
    # Telegram does not want this message; the same again would probably be refused again.
    REFUSED = "refused"
    # Not now.
    LATER = "later"


@dataclass(frozen=True)
class Outcome:
    """A verdict; `wait` when Telegram said how many seconds to wait."""

    verdict: Verdict
    wait: float | None = None


def seconds_of(error: RetryAfter) -> float:
    """Returns how long Telegram asks to wait; the library is changing the attribute's type."""
    wait = error.retry_after
    return float(wait if isinstance(wait, int | float) else wait.total_seconds())


def back_off(failures: int) -> float:
    """Returns how long to wait after this many failures in a row."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - 1, 10)))


class Sender:
    """Sends to chats. Errors are logged by their kind alone: their words may quote the message."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._closing = asyncio.Event()

    @property
    def closing(self) -> bool:
        """Whether the channel is being closed."""
        return self._closing.is_set()

    def close(self) -> None:
        """Ends every pause: what is not sent yet stays in the database."""
        self._closing.set()

    async def pause(self, seconds: float) -> None:
        """Waits, unless the channel is being closed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def send(self, chat_id: int, piece: Piece, with_choices: bool = True) -> Outcome:
        """Tries once to send a message.

        Args:
            chat_id: To whom.
            piece: What.
            with_choices: False leaves the buttons out, in case they are what Telegram refuses.
        """
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._bot.send_message(
                    chat_id,
                    piece.text,
                    reply_markup=keyboard(piece.choices) if with_choices else None,
                    link_preview_options=_NO_PREVIEW,
                )
        except RetryAfter as error:
            return Outcome(Verdict.LATER, seconds_of(error))
        except (Forbidden, ChatMigrated):
            return Outcome(Verdict.BLOCKED)
        except BadRequest as error:
            gone = any(words in error.message.lower() for words in _NOBODY_THERE)
            return Outcome(Verdict.BLOCKED if gone else Verdict.REFUSED)
        except (TelegramError, TimeoutError) as error:
            log.warning("a message waits: %s", type(error).__name__)
            return Outcome(Verdict.LATER)
        return Outcome(Verdict.SENT)

    async def say(self, chat_id: int, text: str) -> None:
        """Says something that is not part of a conversation; given up after a few tries."""
        for failures in range(1, DIRECT_TRIES + 1):
            outcome = await self.send(chat_id, Piece(text))
            if outcome.verdict is not Verdict.LATER or self.closing:
                return
            await self.pause(outcome.wait or back_off(failures))

    async def show_typing(self, chat_id: int) -> None:
        """Shows for five seconds, or until the next message, that an answer is coming."""
        # A courtesy: whatever is wrong will show when the answer is sent.
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(chat_id, ChatAction.TYPING)
