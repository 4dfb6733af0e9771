"""Delivery: every chat is told what happened in its conversation, in order and once.

The cursor of a chat is in the database and moves after each message that Telegram accepted, so
that a restart neither loses nor repeats anything. Two cases remain where a message can arrive
twice, since Telegram has no key to recognise a repeated send: the process dies between the send
and the commit, or the network loses Telegram's answer to a send that it accepted. Between the two
evils, a message twice is better than a message lost.

Each chat has its own follower, a task that lives as long as something happens there: a chat that is
blocked, slow or throttled delays nobody else.
"""

from __future__ import annotations

import asyncio
import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from bot.channels.telegram.rendering import pieces
from bot.channels.telegram.sending import Outcome, Sender, Verdict, back_off
from bot.channels.telegram.store import Chats, Outlook
from bot.conversation.wakeup import Wakeups

log = logging.getLogger("passerelle.telegram")

# After how long without anything new a follower ends; the next news starts another.
LINGER_SECONDS = 60.0
REST_SECONDS = 2.0
# An answer usually comes at once: « typing » is shown only when it does not.
TYPING_AFTER, TYPING_EVERY = 0.5, 4.5
REFUSED_TRIES = 3
STOP_SECONDS = 10.0


class Deliveries:
    """Follows the event table for every Telegram chat.

    Args:
        chats: The cursors.
        sender: Speaks to Telegram.
        wakeups: Hints that something happened; the table is looked at anyway.
    """

    def __init__(self, chats: Chats, sender: Sender, wakeups: Wakeups) -> None:
        self._chats = chats
        self._sender = sender
        self._wakeups = wakeups
        self._followers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Starts a follower wherever something is to be sent, until the sender is closed."""
        adopted = False
        while not self._sender.closing:
            try:
                if not adopted:
                    await asyncio.to_thread(self._chats.adopt)
                    adopted = True
                for conversation_id in await asyncio.to_thread(self._chats.due):
                    self.poke(conversation_id)
            except SQLAlchemyError as error:
                log.error("deliveries wait for the database: %s", type(error).__name__)
                await self._sender.pause(REST_SECONDS)
            await self._wakeups.wait("tickets")

    def poke(self, conversation_id: str) -> None:
        """Makes sure that somebody looks at this conversation now."""
        if self._sender.closing:
            return
        if conversation_id in self._followers:
            self._wakeups.notify(conversation_id)
            return
        task = asyncio.create_task(self._follow(conversation_id), name="telegram-follower")
        self._followers[conversation_id] = task
        task.add_done_callback(lambda _: self._followers.pop(conversation_id, None))

    async def stop(self) -> None:
        """Ends the followers between two messages; the sender must be closed before."""
        followers = list(self._followers.values())
        self._wakeups.notify(*self._followers)
        if followers:
            # A send under way is waited for: cut short, it could be repeated after the restart.
            _, late = await asyncio.wait(followers, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _follow(self, conversation_id: str) -> None:
        follower = _Follower(conversation_id, self._chats, self._sender, self._wakeups)
        try:
            await follower.run()
        except Exception as error:  # the dispatcher starts another one in a second
            log.error("a follower ended: %s", type(error).__name__)


class _Follower:
    """Tells one chat what happens."""

    def __init__(
        self, conversation_id: str, chats: Chats, sender: Sender, wakeups: Wakeups
    ) -> None:
        self._conversation_id = conversation_id
        self._chats = chats
        self._sender = sender
        self._wakeups = wakeups
        self._failures = 0
        self._refusals = 0
        self._typing_at = 0.0

    async def run(self) -> None:
        """Sends what there is, then waits for more."""
        idle_since = time.monotonic()
        while not self._sender.closing:
            outlook = await asyncio.to_thread(self._chats.outlook, self._conversation_id)
            if outlook is None:
                return
            if outlook.event is not None:
                await self._send_next(outlook)
            elif outlook.skip_to is not None:
                await asyncio.to_thread(self._chats.skip, outlook)
            elif outlook.busy is not None:
                await self._show_typing(outlook)
            elif time.monotonic() - idle_since > LINGER_SECONDS:
                return
            else:
                await self._wakeups.wait(self._conversation_id, REST_SECONDS)
                continue
            idle_since = time.monotonic()

    async def _send_next(self, outlook: Outlook) -> None:
        assert outlook.event is not None
        ready = pieces(outlook.event)
        # A new release may cut the same event into fewer pieces.
        part = min(outlook.part, len(ready) - 1)
        lease = await asyncio.to_thread(self._chats.claim, outlook)
        if lease is None:
            await self._sender.pause(1.0)
            return
        last_try = self._refusals == REFUSED_TRIES - 1
        outcome = await self._sender.send(outlook.chat_id, ready[part], with_choices=not last_try)
        await self._settle(outlook, outcome, lease, part, is_last=part == len(ready) - 1)

    async def _settle(
        self, outlook: Outlook, outcome: Outcome, lease: str, part: int, is_last: bool
    ) -> None:
        assert outlook.event is not None
        moved = outcome.verdict is Verdict.SENT
        if outcome.verdict is Verdict.REFUSED:
            self._refusals += 1
            log.warning("Telegram refused event %s, try %s", outlook.event["seq"], self._refusals)
            moved = self._refusals >= REFUSED_TRIES
        if outcome.verdict is Verdict.BLOCKED:
            log.info("a person blocked the bot")
            await asyncio.to_thread(self._chats.block, outlook.chat_id, True)
            return
        if moved:
            self._failures = self._refusals = 0
            cursor = (outlook.event["seq"], 0) if is_last else (outlook.seq, part + 1)
        else:
            cursor = (outlook.seq, outlook.part)
        await self._commit(lease, *cursor)
        if not moved:
            self._failures += 1
            await self._sender.pause(outcome.wait or back_off(self._failures))

    async def _commit(self, lease: str, seq: int, part: int) -> None:
        """Moves the cursor; a database away for a moment must not make us say things twice."""
        while True:
            try:
                await asyncio.to_thread(self._chats.settle, self._conversation_id, lease, seq, part)
                return
            except SQLAlchemyError as error:
                log.error("a cursor waits for the database: %s", type(error).__name__)
                if self._sender.closing:
                    return
                await self._sender.pause(1.0)

    async def _show_typing(self, outlook: Outlook) -> None:
        moment = time.monotonic()
        if (outlook.busy or 0.0) >= TYPING_AFTER and moment - self._typing_at >= TYPING_EVERY:
            self._typing_at = moment
            await self._sender.show_typing(outlook.chat_id)
        await self._wakeups.wait(self._conversation_id, TYPING_AFTER)
