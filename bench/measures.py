"""The measures of turns: how long, how many, how right. Blocks alternate between the systems."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench import texts
from bench.examples import held_out
from bench.figures import Timings, blocks, rotated
from bench.sizes import SEED, Size
from bench.systems import System
from bot.dialogue.evaluation import Outcome, Row, figures

# « The 100th turn »: ten turns around it, to have enough of them.
BEFORE, AROUND = 95, 10
ROUNDS = 3
ACCURACY = ("top1", "oos_recall", "in_scope_rejected")


@dataclass
class Measured:
    """What was measured of one system.

    Attributes:
        fresh: First turns of conversations.
        late: Turns around the 100th of a conversation.
        early: The same sentences, at the same moments, on fresh conversations.
        turns: Answered by concurrent clients.
        seconds: They took.
        unanswered: Turns of the concurrent clients without an answer.
        accuracy: On the held-out sentences.
    """

    fresh: Timings = field(default_factory=Timings)
    late: Timings = field(default_factory=Timings)
    early: Timings = field(default_factory=Timings)
    turns: int = 0
    seconds: float = 0.0
    unanswered: int = 0
    accuracy: dict[str, float | None] = field(default_factory=dict)

    @property
    def per_second(self) -> float | None:
        """Turns answered in a second."""
        return self.turns / self.seconds if self.seconds else None

    @property
    def without_answer(self) -> int:
        """Turns without an answer, in all measures of turns."""
        return self.unanswered + sum(
            timings.unanswered for timings in (self.fresh, self.late, self.early)
        )


class Understanding(Protocol):
    """A system that tells what it makes of a sentence."""

    name: str

    async def understand(self, row: Row) -> Outcome:
        """Asks about one sentence."""
        ...


async def time_turn(system: System, conversation: Any, text: str, into: Timings) -> None:
    """Times one turn."""
    begin = time.perf_counter()
    answered = await system.say(conversation, text)
    into.add((time.perf_counter() - begin) * 1000, answered)


async def warm_up(systems: Sequence[System], sentences: Sequence[str], size: Size) -> None:
    """Talks to each system without counting."""
    for system in systems:
        for text in sentences[-size.warm_up :]:
            await system.say(await system.open(), text)


async def fresh_turns(
    systems: Sequence[System], sentences: Sequence[str], size: Size, into: dict[str, Measured]
) -> None:
    """Times first turns of conversations."""
    for number, block in enumerate(blocks(sentences[: size.fresh], size.block)):
        for system in rotated(systems, number):
            for text in block:
                conversation = await system.open()
                await time_turn(system, conversation, text, into[system.name].fresh)


async def late_turns(
    systems: Sequence[System], sentences: Sequence[str], size: Size, into: dict[str, Measured]
) -> None:
    """Times turns around the 100th, and beside each one the same sentence on a fresh conversation.

    So the two differ by the length of the conversation alone, not by the sentence or the moment.
    """
    for number in range(size.long_conversations):
        said = random.Random(SEED + number).choices(sentences, k=BEFORE + AROUND)
        for system in rotated(systems, number):
            measured = into[system.name]
            long = await system.open()
            for text in said[:BEFORE]:
                await system.say(long, text)
            for text in said[BEFORE:]:
                await time_turn(system, long, text, measured.late)
                await time_turn(system, await system.open(), text, measured.early)


async def concurrent_turns(
    systems: Sequence[System], sentences: Sequence[str], size: Size, into: dict[str, Measured]
) -> None:
    """Counts the turns that concurrent clients get answered, each waiting for its answer."""
    for number in range(ROUNDS):
        for system in rotated(systems, number):
            plan = [
                [await system.open() for _ in range(size.conversations_per_client)]
                for _ in range(size.clients)
            ]
            chosen = random.Random(SEED + number)
            begin = time.perf_counter()
            answered = await asyncio.gather(
                *(_client(system, own, sentences, chosen, size) for own in plan)
            )
            measured = into[system.name]
            measured.seconds += time.perf_counter() - begin
            measured.turns += sum(answered)
            asked = size.clients * size.conversations_per_client * size.turns_per_conversation
            measured.unanswered += asked - sum(answered)


async def _client(
    system: System,
    conversations: Sequence[Any],
    sentences: Sequence[str],
    chosen: random.Random,
    size: Size,
) -> int:
    answered = 0
    for conversation in conversations:
        for _ in range(size.turns_per_conversation):
            answered += await system.say(conversation, chosen.choice(sentences))
    return answered


async def accuracy(systems: Sequence[Understanding], size: Size, into: dict[str, Measured]) -> None:
    """Judges what each system makes of the held-out sentences, by the project's own rules."""
    rows = held_out(size.accuracy_rows)
    for system in systems:
        outcomes = [await system.understand(row) for row in rows]
        judged = figures(outcomes, ())
        into[system.name].accuracy = {name: judged[name] for name in ACCURACY}


async def all_turns(
    systems: Sequence[System], sentences: Sequence[str], size: Size, into: dict[str, Measured]
) -> None:
    """Runs the measures of turns, one after the other."""
    await warm_up(systems, sentences, size)
    for measure in (fresh_turns, late_turns, concurrent_turns):
        texts.tell(f"measuring.{measure.__name__}")
        await measure(systems, sentences, size, into)
