"""What the engine asks to search is found by the service, and said before the step comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.dialogue.port import Answer, Question
from bot.search import store
from bot.search.archive import Fiche
from knowledge.texts import say
from tests.support.engine import KeywordEngine
from tests.support.resident import Resident
from tests.support.service import running


class Searching(KeywordEngine):
    """Takes every sentence for a procedure that is not written."""

    def answer(self, question: Question) -> Answer:
        """See `FakeEngine.answer`."""
        answer = super().answer(question)
        return replace(answer, search=question.text) if question.text else answer


def test_what_is_not_written_is_searched(tmp_path: Path) -> None:
    with running(tmp_path, Searching()) as server:
        today = datetime.now(UTC).date()
        address = "https://www.service-public.gouv.fr/particuliers/vosdroits/F15246"
        page = Fiche("F15246", "Adoption simple d'un enfant", address, "Famille", "", "", today)
        store.replace_all(server.services.database, [page], trusted=False)
        resident = Resident(server.url)
        resident.say(choice="open:franceconnect")
        before = resident.cursor
        resident.write(text="je veux adopter un enfant")
        found = resident.sees(lambda event: event["text"] == say("search.found"))
        assert [link["url"] for link in found["links"]] == [address]
        said = [e for e in resident.events() if e["seq"] > before and e["author"] == "bot"]
        assert said.index(found) == 1, "after the first bubble"

        resident.write(text="xyzzy plugh")
        resident.read()
        assert sum(event["text"] == say("search.found") for event in resident.events()) == 1
