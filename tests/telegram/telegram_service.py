"""The service with the channel: the real one, and an engine that says what it was asked.

`python -m tests.telegram.telegram_service VAR API_URL` runs it as a process of its own, to be
killed by a test.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

from bot.database.models import Counsellor
from bot.dialogue.port import Answer, NoAnswer, Question, Understood
from bot.handoff.states import TicketState
from bot.services import Services
from tests.support.engine import FakeEngine
from tests.support.service import Server
from tests.telegram.telegram_api import TOKEN

LONG_CHOICE = "answer:une-etape-au-nom-vraiment-tres-long:une-reponse-au-nom-tout-aussi-long-é"
SOURCE = {
    "label": "Aide Nextcloud",
    "url": "https://docs.nextcloud.com/",
    "checked_on": "2026-11-21",
}
LINK = {"label": "Ouvrir le guide", "url": "https://www.numerique.gouv.fr/"}


class EchoEngine(FakeEngine):
    """Answers by the words of the question."""

    def answer(self, question: Question) -> Answer:
        """Returns what the question asks to see."""
        if question.text == "muet":
            raise NoAnswer
        handoff = "asked" if question.text == "conseiller" else None
        parts = [] if handoff else self._parts(question)
        return Answer(parts, question.guide, handoff, False, Understood("", 1.0, []))

    def _parts(self, question: Question) -> list[dict[str, Any]]:
        if question.choice:
            return [{"text": f"Vous avez choisi : {question.choice}"}]
        if question.text == "partager un dossier":
            choices = [
                {"id": LONG_CHOICE, "label": "Avec un collègue"},
                {"id": "act:back", "label": "Revenir"},
            ]
            text = "Avec qui <voulez-vous> partager & où ?"
            return [{"text": text, "choices": choices, "sources": [SOURCE], "links": [LINK]}]
        if question.text == "long":
            return [{"text": "\n".join(f"Ligne {n}. {'mot ' * 20}" for n in range(1, 101))}]
        return [{"text": f"Vous avez écrit : {question.text}"}]


def on_telegram(api_url: str, **more: Any) -> dict[str, Any]:
    """Returns the settings that lead to the local Telegram."""
    return {"secret": "for-tests", "telegram_token": TOKEN, "telegram_api_url": api_url, **more}


def started(var: Path, api_url: str, **more: Any) -> Server:
    """Starts the service; the test acts on its `services` from its own thread."""
    return Server(var, EchoEngine(), **on_telegram(api_url, **more))


def claim(services: Services, person: Counsellor) -> int:
    """The counsellor takes the first waiting ticket."""
    ticket_id = int(services.tickets.all(person, TicketState.WAITING)[0]["id"])
    services.desk.claim(person, ticket_id)
    return ticket_id


def main() -> None:
    """Runs until a signal."""
    # Blocked before the first thread starts, so that none of them takes it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    server = started(Path(sys.argv[1]), sys.argv[2])
    signal.sigwait({signal.SIGTERM})
    server.stop()


if __name__ == "__main__":
    main()
