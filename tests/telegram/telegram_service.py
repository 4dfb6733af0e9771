"""The service around the channel: real conversations on SQLite, an engine that needs no model.

`python -m tests.telegram.telegram_service VAR API_URL` runs it as a process of its own, to be
killed by a test.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from bot.channels.telegram import telegram
from bot.database.models import Base, Counsellor
from bot.dialogue.port import Answer, NoAnswer, Question, Understood
from bot.handoff.states import TicketState
from bot.services import Services, assemble
from bot.settings import Settings
from tests.telegram.serving import SERVICE_PORTS, Server
from tests.telegram.telegram_api import TOKEN

LONG_CHOICE = "answer:une-etape-au-nom-vraiment-tres-long:une-reponse-au-nom-tout-aussi-long-é"
SOURCE = {
    "label": "Aide Nextcloud",
    "url": "https://docs.nextcloud.com/",
    "checked_on": "2026-11-21",
}
LINK = {"label": "Ouvrir le guide", "url": "https://www.numerique.gouv.fr/"}


class FakeEngine:
    """Answers by the words of the question; `asked` keeps the questions."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        self.asked.append(question)
        if question.text == "muet":
            raise NoAnswer
        if question.text == "lent":
            await asyncio.sleep(1.5)
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

    async def ready(self) -> bool:
        """See `Engine.ready`."""
        return True

    async def close(self) -> None:
        """See `Engine.close`."""


def settings(var: Path, api_url: str, **more: Any) -> Settings:
    """Returns settings that lead to the local server."""
    return Settings(
        _env_file=None,
        **{
            "var": var,
            "secret": "for-tests",
            "telegram_token": TOKEN,
            "telegram_api_url": api_url,
            **more,
        },
    )


class Service:
    """A running service; the test acts on `services` from its own thread."""

    def __init__(self, configured: Settings) -> None:
        self.engine = FakeEngine()
        self.services: Services = assemble(configured, engine=self.engine)
        Base.metadata.create_all(self.services.database.engine)
        self._server = Server(application(self.services), SERVICE_PORTS)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._is_stopped = False

    def stop(self) -> None:
        """Stops it as an operator does."""
        if not self._is_stopped:
            self._is_stopped = True
            self._server.stop()
            self.services.database.close()


def application(services: Services) -> FastAPI:
    """Returns a web application with nothing but the turns and the channel."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services.wakeups.bind()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(services.turns.running())
            await stack.enter_async_context(telegram(app, services))
            yield

    return FastAPI(lifespan=lifespan)


def counsellor(services: Services, name: str = "Marie") -> Counsellor:
    """Returns a counsellor of the commune."""
    address = f"{name.lower()}@ville.example"
    return services.accounts.add(address, name, "counsellor", ["demo"], "une phrase bien longue")


def claim(services: Services, person: Counsellor) -> int:
    """The counsellor takes the first waiting ticket."""
    ticket_id = int(services.desk.tickets(person, TicketState.WAITING)[0]["id"])
    services.desk.claim(person, ticket_id)
    return ticket_id


def main() -> None:
    """Runs until a signal."""
    # Blocked before the first thread starts, so that none of them takes it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    service = Service(settings(Path(sys.argv[1]), sys.argv[2]))
    signal.sigwait({signal.SIGTERM})
    service.stop()


if __name__ == "__main__":
    main()
