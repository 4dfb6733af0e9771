"""A real service on a loopback port, and a real browser.

The engine is a fake behind the port of `bot/dialogue/port.py`: a few keywords stand for the trained
model, and the guide answers with the real procedures. Everything else is the service as it runs.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import threading
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bot import app
from bot.dialogue.port import Answer, EngineUnavailable, Question, Understood
from bot.services import Services, assemble
from bot.settings import Settings
from knowledge.guide import Guide, Turn
from knowledge.reply import State

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 30.0

# What the trained model would understand; the first that is found in the sentence wins.
KEYWORDS = {
    "conseiller": "human",
    "quelqu'un": "human",
    "carte d'identite": "ants-carte-identite",
    "declaration trimestrielle": "caf-declaration-trimestrielle",
    "compte caf": "caf-compte",
    "papiers": "documents",
    "bouton": "stuck",
    "revenir": "back",
    "plus simple": "simplify",
    "bonjour": "greet",
    "merci": "thanks",
    "oui": "affirm",
    "non": "deny",
}


class KeywordEngine:
    """Answers with the guide, after a table of keywords.

    Attributes:
        guide: Given by the service that is tested.
        delay: Seconds to think.
        down: Every question fails, as when Rasa is not there.
    """

    guide: Guide
    delay = 0.0
    down = False

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        await asyncio.sleep(self.delay)
        if self.down:
            raise EngineUnavailable("down")
        intent = understand(question.text)
        reply = self.guide.answer(
            Turn(
                text=question.text,
                state=State.from_json(question.guide),
                intent=intent,
                choice=question.choice,
                audience=question.audience,
                waiting=question.waiting,
                featured=question.featured,
                resume_code=question.resume_code,
            )
        )
        return Answer(
            parts=[part.to_json() for part in reply.parts],
            guide=reply.state.to_json(),
            handoff=reply.handoff,
            leave_queue=reply.leave_queue,
            understood=Understood(intent, 0.9, [(intent, 0.9)]),
        )

    async def ready(self) -> bool:
        """See `Engine.ready`."""
        return not self.down

    async def close(self) -> None:
        """See `Engine.close`."""


def understand(text: str) -> str:
    """Returns the intent of the first keyword in a sentence."""
    folded = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    plain = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    found = (i for word, i in KEYWORDS.items() if re.search(rf"\b{re.escape(word)}", plain))
    return next(found, "out_of_scope")


@dataclass
class Server:
    """A running service.

    Attributes:
        url: Its address, without a final slash.
        services: Its parts, to prepare a test (accounts) or look behind the scene.
        engine: The fake; set `delay` or `down`, and put them back.
    """

    url: str
    services: Services
    engine: KeywordEngine


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real uvicorn on a free loopback port, with its own SQLite database."""
    var: Path = tmp_path_factory.mktemp("var")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            var=var,
            port=port,
            database_url=f"sqlite:///{var / 'test.db'}",
            telegram_token="",
            messages_per_minute=1000,
            conversations_per_minute=1000,
        )
        engine = KeywordEngine()
        services = assemble(settings, engine=engine)
        engine.guide = services.guide
        config = uvicorn.Config(
            app.create(services), log_level="warning", timeout_graceful_shutdown=1
        )
        running = uvicorn.Server(config)
        listener.listen(128)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        limit = time.monotonic() + START_SECONDS
        while not running.started:
            assert thread.is_alive() and time.monotonic() < limit, "the service did not start"
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{port}", services, engine)
        running.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium found in PATH; the tests are skipped where there is none."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"No browser: none of {', '.join(CHROMIUMS)} is in PATH.")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a new browser profile, in French; it fails the test on a script's error."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, errors
