"""The turn: the one orchestrator between a stored message and its answer.

A turn is claimed with a lease by compare-and-set, so that any process may take it and one that
dies loses nothing: its lease ends and the turn is taken again. The answer, the guide's new state
and the end of the turn are one transaction that only the holder of the lease can commit: nothing
is said twice. No transaction is open while the engine thinks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.commune.model import Commune
from bot.conversation.events import speak, speak_all
from bot.conversation.shortcut import Lease, Shortcut
from bot.conversation.wakeup import Wakeups
from bot.database.engine import Database
from bot.database.models import Conversation, ConversationState, Turn, TurnStatus, now
from bot.dialogue.port import Answer, Engine, EngineUnavailable, NoAnswer, Question, Understood
from bot.handoff import opening
from bot.search.service import Search
from knowledge.guide import Guide
from knowledge.guide import Turn as GuideTurn
from knowledge.reply import State
from knowledge.texts import label, say

log = logging.getLogger("passerelle.turns")

RETRY_SECONDS = 0.5
WARN_AFTER_SECONDS = 2.0
NO_ANSWER_TRIES = 2
# Where the bot may speak; elsewhere a counsellor does.
BOT_SPEAKS = (ConversationState.BOT, ConversationState.WAITING)
# Asking for a person must work while the engine is down: these buttons need no understanding.
WITHOUT_ENGINE = frozenset({"act:human", "queue:leave"})


@dataclass(frozen=True)
class Claimed:
    """A turn held by this process, with what the engine needs."""

    id: int
    lease: str
    conversation_id: str
    attempts: int
    age: float
    warned: bool
    question: Question


class TurnRunner:
    """Answers turns, one at a time per conversation.

    Args:
        database: Where the turns are.
        wakeups: Wakes this runner, and the readers after an answer.
        communes: The communes by id.
        guide: Answers the buttons that need no engine; draws the hand-over card.
        engine: Answers the rest.
        search: Finds official pages where the engine asks for it.
        shortcut: Brings the turns stored by this process, already held.
        patience: Seconds to wait for an engine that is away.
    """

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        communes: dict[str, Commune],
        guide: Guide,
        engine: Engine,
        search: Search,
        shortcut: Shortcut,
        patience: float,
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._communes = communes
        self._guide = guide
        self._engine = engine
        self._search = search
        self._shortcut = shortcut
        self._patience = patience
        self._held: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answers turns while the context is open; on leaving, a turn under way is given back."""
        self._shortcut.open(self._start_stored)
        dispatcher = asyncio.create_task(self._dispatch(), name="turns")
        try:
            yield
        finally:
            self._shortcut.close()
            tasks = [dispatcher, *self._held]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _dispatch(self) -> None:
        """Claims the turns that wait in the table, and answers several at a time."""
        with self._wakeups.listening("turns") as listener:
            while True:
                listener.clear()
                lease = self._shortcut.take()
                claimed = await self._claim_calmly(lease) if lease else None
                if claimed is not None:
                    self._start(claimed)
                    continue
                if lease:
                    self._shortcut.give_back()
                    self._shortcut.looked()
                await listener.wait()

    def _start_stored(self, turn: Turn, conversation: Conversation) -> None:
        self._start(self._claimed(turn, conversation))

    def _start(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._hold(claimed))
        self._held.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._held.discard(task)
        self._shortcut.give_back()
        if self._shortcut.missed:
            self._wakeups.notify("turns")

    async def _claim_calmly(self, lease: Lease) -> Claimed | None:
        try:
            return await asyncio.to_thread(self.claim, lease)
        except Exception:
            # The database may be away for a moment; the turn is still there.
            log.exception("no turn claimed")
            await asyncio.sleep(1)
            return None

    async def _hold(self, claimed: Claimed) -> None:
        try:
            await self.answer(claimed)
        except asyncio.CancelledError:
            await asyncio.to_thread(self._give_back, claimed, 0.0)
            raise
        except Exception:
            # Its lease will end, and the turn will be taken again.
            log.exception("turn not finished")

    async def answer(self, claimed: Claimed) -> None:
        """Asks for the answer of a claimed turn and commits it."""
        if claimed.question.choice in WITHOUT_ENGINE:
            await asyncio.to_thread(self._commit, claimed, self._press(claimed.question))
            return
        try:
            reply = await self._engine.ask(claimed.question)
        except EngineUnavailable as error:
            if claimed.age < self._patience:
                await asyncio.to_thread(self._wait_for_engine, claimed)
                return
            log.error("turn %s: engine unavailable (%s)", claimed.id, error)
            await asyncio.to_thread(self._commit, claimed, None)
        except NoAnswer as error:
            if claimed.attempts < NO_ANSWER_TRIES:
                await asyncio.to_thread(self._give_back, claimed, RETRY_SECONDS)
                return
            log.error("turn %s: no answer (%s)", claimed.id, error)
            await asyncio.to_thread(self._commit, claimed, None)
        else:
            await asyncio.to_thread(self._search_and_commit, claimed, reply)

    def _search_and_commit(self, claimed: Claimed, reply: Answer) -> None:
        if reply.search:
            found = self._search.part(reply.search, claimed.question.audience)
            # Before the step is recalled: it answers what was just said.
            parts = [*reply.parts[:1], *filter(None, [found]), *reply.parts[1:]]
            reply = replace(reply, parts=parts)
        self._commit(claimed, reply)

    # --- transactions ------------------------------------------------------------------------

    def claim(self, lease: Lease) -> Claimed | None:
        """Takes the next turn that may run, or None."""
        with self._database.read() as session:
            if session.scalar(self._next().with_only_columns(Turn.id)) is None:
                return None
        with self._database.write() as session:
            turn = session.scalar(self._next())
            if turn is None:
                return None
            won = session.execute(
                update(Turn)
                .where(
                    Turn.id == turn.id,
                    Turn.status == turn.status,
                    Turn.lease.is_not_distinct_from(turn.lease),
                )
                .values(
                    status=TurnStatus.RUNNING,
                    lease=lease.key,
                    lease_until=lease.until,
                    attempts=Turn.attempts + 1,
                )
                .execution_options(synchronize_session=False)
            ).rowcount  # type: ignore[attr-defined]
            if not won:
                return None
            session.refresh(turn)
            conversation = session.get_one(Conversation, turn.conversation_id)
            if conversation.state in (ConversationState.COUNSELLOR, ConversationState.CLOSED):
                turn.status = TurnStatus.KEPT
                return None
            return self._claimed(turn, conversation)

    def _next(self) -> Any:
        moment, earlier = now(), aliased(Turn)
        free = or_(
            (Turn.status == TurnStatus.PENDING) & (Turn.not_before <= moment),
            (Turn.status == TurnStatus.RUNNING) & (Turn.lease_until < moment),
        )
        blocked = exists().where(
            earlier.conversation_id == Turn.conversation_id,
            earlier.seq < Turn.seq,
            earlier.status.in_((TurnStatus.PENDING, TurnStatus.RUNNING)),
        )
        return select(Turn).where(free, ~blocked).order_by(Turn.id).limit(1)

    def _claimed(self, turn: Turn, conversation: Conversation) -> Claimed:
        commune = self._communes.get(conversation.commune)
        return Claimed(
            id=turn.id,
            lease=turn.lease or "",
            conversation_id=conversation.id,
            attempts=turn.attempts,
            age=(now() - turn.created_at).total_seconds(),
            warned=turn.warned,
            question=Question(
                key=f"{conversation.id}-{turn.seq}-{turn.attempts}",
                text=turn.text,
                choice=turn.choice,
                guide=conversation.guide,
                audience=conversation.audience,
                waiting=conversation.state == ConversationState.WAITING,
                featured=commune.suggestions(conversation.audience) if commune else [],
            ),
        )

    def _commit(self, claimed: Claimed, reply: Answer | None) -> None:
        """Ends the turn with an answer; None is an apology with the offer of a person."""
        with self._database.write() as session:
            conversation = self._locked(session, claimed)
            if conversation is None or not self._finish(session, claimed, TurnStatus.DONE):
                return
            if conversation.state not in BOT_SPEAKS:
                # A counsellor has claimed meanwhile: the bot's words are dropped.
                return
            if reply is None:
                self._offer_person(session, conversation, say("service.apology"))
            else:
                self._apply(session, conversation, reply)
        self._wakeups.notify(claimed.conversation_id, "tickets")

    def _locked(self, session: Session, claimed: Claimed) -> Conversation | None:
        """Takes the conversation before the turn, as whoever writes there does.

        In another order, two transactions could wait for each other.
        """
        return session.get(Conversation, claimed.conversation_id, with_for_update=True)

    def _apply(self, session: Session, conversation: Conversation, reply: Answer) -> None:
        conversation.guide = reply.guide
        commune = self._communes.get(conversation.commune)
        if reply.leave_queue:
            opening.cancel(session, conversation)
        if reply.handoff and commune:
            opening.open_ticket(session, conversation, commune, self._guide, reply.handoff)
        speak_all(session, conversation, "bot", reply.parts)

    def _wait_for_engine(self, claimed: Claimed) -> None:
        """Gives the turn back for a moment; says once that the assistant is starting."""
        if not claimed.warned and claimed.age > WARN_AFTER_SECONDS:
            with self._database.write() as session:
                conversation = self._locked(session, claimed)
                turn = session.get(Turn, claimed.id)
                if conversation and turn and turn.lease == claimed.lease:
                    turn.warned = True
                    if conversation.state in BOT_SPEAKS:
                        self._offer_person(session, conversation, say("service.starting"))
            self._wakeups.notify(claimed.conversation_id)
        self._give_back(claimed, RETRY_SECONDS)

    def _give_back(self, claimed: Claimed, seconds: float) -> None:
        with self._database.write() as session:
            later = now() + timedelta(seconds=seconds)
            self._finish(session, claimed, TurnStatus.PENDING, not_before=later)

    def _finish(self, session: Session, claimed: Claimed, status: TurnStatus, **more: Any) -> bool:
        """Leaves the turn, if this process still holds it."""
        held = session.execute(
            update(Turn)
            .where(Turn.id == claimed.id, Turn.lease == claimed.lease)
            .values(status=status, lease=None, lease_until=None, **more)
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
        return bool(held)

    def _offer_person(self, session: Session, conversation: Conversation, text: str) -> None:
        human = {"id": "act:human", "label": label("human")}
        speak(session, conversation, "system", {"text": text, "choices": [human]})

    def _press(self, question: Question) -> Answer:
        turn = GuideTurn(
            text="",
            state=State.from_json(question.guide),
            choice=question.choice,
            audience=question.audience,
            waiting=question.waiting,
            featured=question.featured,
        )
        data = self._guide.answer(turn).to_json()
        return Answer(
            data["parts"], data["state"], data["handoff"], data["leave_queue"],
            Understood("", 1.0, []),
        )  # fmt: skip
