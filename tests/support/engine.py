"""Engines that need no model, behind the port of `bot/dialogue/port.py`."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from bot.dialogue.port import Answer, EngineUnavailable, NoAnswer, Question, Understood
from knowledge import catalogue
from knowledge.guide import Guide, Turn
from knowledge.reply import State

# What the trained model would understand; the first that is found in the sentence wins.
KEYWORDS = {
    "humain": "human",
    "conseiller": "human",
    "quelqu'un": "human",
    "carte d'identite": "ants-carte-identite",
    "passeport": "ants-passeport",
    "declaration trimestrielle": "caf-declaration-trimestrielle",
    "compte caf": "caf-compte",
    "prix": "cost",
    "papiers": "documents",
    "bouton": "stuck",
    "revenir": "back",
    "plus simple": "simplify",
    "mourir": "distress",
    "bonjour": "greet",
    "merci": "thanks",
    "arrete": "stop",
    "oui": "affirm",
    "non": "deny",
}

# The same for every test, and slow to read.
known_procedures = cache(catalogue.load)


class FakeEngine:
    """What a test can do to an engine; how it answers is for the classes below to say.

    Attributes:
        delay: Seconds to think.
        fails: Raised instead of answering, as long as it is set.
        asked: Every question received.
        before: Called while thinking, before the answer.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.fails: EngineUnavailable | NoAnswer | None = None
        self.asked: list[Question] = []
        self.before: Callable[[], object] = lambda: None

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        self.asked.append(question)
        await asyncio.sleep(self.delay)
        if self.fails:
            raise self.fails
        await asyncio.to_thread(self.before)
        return self.answer(question)

    def answer(self, question: Question) -> Answer:
        """Returns the answer to a question."""
        raise NotImplementedError

    async def ready(self) -> bool:
        """See `Engine.ready`."""
        return self.fails is None

    async def close(self) -> None:
        """See `Engine.close`."""


class KeywordEngine(FakeEngine):
    """Keywords in the place of the trained model; the real guide and procedures answer."""

    def __init__(self) -> None:
        super().__init__()
        self._guide = Guide(known_procedures())

    def answer(self, question: Question) -> Answer:
        """Returns what the guide answers."""
        intent = understand(question.text)
        turn = Turn(
            text=question.text,
            state=State.from_json(question.guide),
            intent=intent,
            choice=question.choice,
            audience=question.audience,
            waiting=question.waiting,
            featured=question.featured,
        )
        reply = self._guide.answer(turn).to_json()
        understood = Understood(intent, 0.9, [(intent, 0.9)])
        return Answer(
            reply["parts"],
            reply["state"],
            reply["handoff"],
            reply["leave_queue"],
            understood,
            reply["search"],
        )


def understand(text: str) -> str:
    """Returns the intent of the first keyword in a sentence."""
    folded = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    plain = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    found = (i for word, i in KEYWORDS.items() if re.search(rf"\b{re.escape(word)}", plain))
    return next(found, "out_of_scope")
