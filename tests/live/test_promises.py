"""« Écrivez-moi « … » » must lead somewhere: what the texts tell people to write is understood."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.dialogue.port import Question
from bot.dialogue.rasa import RasaEngine
from knowledge import catalogue
from knowledge.acts import ACTS
from tests.kernel.test_real_procedures import texts
from tests.live.conftest import Process

pytestmark = pytest.mark.live
ASKED = re.compile(
    r"(?:[Dd]emandez-moi|[ÉEée]crivez-moi|[Dd]ites-moi|me demander)[^«.!?]{0,3}« ([^»]+) »"
)
NOT_UNDERSTOOD = {"clarify", "out_of_scope", "other_procedure", ""}


def promises() -> dict[str, str]:
    """Returns what people are told to write, and a procedure that says so."""
    return {
        wish.strip(): procedure.id
        for procedure in catalogue.load().values()
        for text in texts(procedure)
        for wish in ASKED.findall(text)
    }


def test_what_people_are_told_to_write_is_understood(engine: tuple[Process, str]) -> None:
    known, wishes = catalogue.load(), promises()
    assert len(wishes) > 50

    async def understood() -> dict[str, str]:
        asked = RasaEngine([engine[1]], 30)
        try:
            return {
                wish: (await asked.ask(Question(f"promise-{i}", wish, None, {}))).understood.intent
                for i, wish in enumerate(wishes)
            }
        finally:
            await asked.close()

    got = asyncio.run(understood())
    assert all(intent in known or intent in ACTS for intent in got.values())
    lost = {wish: wishes[wish] for wish, intent in got.items() if intent in NOT_UNDERSTOOD}
    # Said in its own procedure, it would lead in a circle.
    circles = {wish: intent for wish, intent in got.items() if intent == wishes[wish]}
    assert not lost and not circles, (lost, circles)
