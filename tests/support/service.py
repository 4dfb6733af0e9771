"""A real service on a loopback port, with a table of keywords in the place of the trained model."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot import app
from bot.dialogue.port import Answer, EngineUnavailable, NoAnswer, Question, Understood
from bot.services import Services, assemble
from bot.settings import Settings
from knowledge import catalogue
from knowledge.guide import Guide, Turn
from knowledge.reply import State

START_SECONDS = 30.0
KEYWORDS = {
    "humain": "human",
    "carte d'identite": "ants-carte-identite",
    "passeport": "ants-passeport",
    "prix": "cost",
    "bouton": "stuck",
    "mourir": "distress",
    "merci": "thanks",
    "arrete": "stop",
}


class KeywordEngine:
    """Stands for Rasa behind the port: keywords for the model, the real guide for the answers.

    Attributes:
        delay: Seconds to think.
        fails: Raised instead of answering, as long as it is set.
        asked: Every question received.
        before: Called while thinking, before the answer.
    """

    def __init__(self) -> None:
        self.guide = Guide(catalogue.load())
        self.delay = 0.0
        self.fails: EngineUnavailable | NoAnswer | None = None
        self.asked: list[Question] = []
        self.before: Callable[[], None] = lambda: None

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        self.asked.append(question)
        await asyncio.sleep(self.delay)
        if self.fails:
            raise self.fails
        await asyncio.to_thread(self.before)
        intent = understand(question.text)
        turn = Turn(
            text=question.text,
            state=State.from_json(question.guide),
            intent=intent,
            choice=question.choice,
            audience=question.audience,
            waiting=question.waiting,
            featured=question.featured,
            resume_code=question.resume_code,
        )
        reply = self.guide.answer(turn).to_json()
        understood = Understood(intent, 0.9, [(intent, 0.9)])
        return Answer(
            reply["parts"], reply["state"], reply["handoff"], reply["leave_queue"], understood
        )

    async def ready(self) -> bool:
        """See `Engine.ready`."""
        return self.fails is None

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
    """A running service: its address, its parts, and the engine to play with."""

    url: str
    services: Services
    engine: KeywordEngine


@contextmanager
def running(var: Path, engine: KeywordEngine | None = None, **settings: Any) -> Iterator[Server]:
    """Runs the service on a free port until the block ends.

    Args:
        var: Folder of its data.
        engine: The fake engine; a new one by default.
        settings: Replace the default settings.
    """
    engine = engine or KeywordEngine()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        chosen = {"messages_per_minute": 1000, "conversations_per_minute": 1000, **settings}
        configured = Settings(_env_file=None, var=var, port=port, **chosen)
        services = assemble(configured, engine)
        server = uvicorn.Server(
            uvicorn.Config(app.create(services), log_level="warning", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        end = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive() and time.monotonic() < end, "the service did not start"
            time.sleep(0.02)
        try:
            yield Server(f"http://127.0.0.1:{port}", services, engine)
        finally:
            server.should_exit = True
            thread.join(20)


class Resident:
    """A resident with a program instead of a browser."""

    def __init__(self, url: str, **opening: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=40)
        opened = self.http.post("/api/conversations", json={"commune": "demo", **opening})
        assert opened.status_code == 201, opened.text
        self.keys = opened.json()
        self.http.headers["Authorization"] = f"Bearer {self.keys['token']}"
        self.path = f"/api/conversations/{self.keys['id']}"
        self.cursor = 0
        self.seen: list[dict[str, Any]] = []
        self.read(wait=0)

    def close(self) -> None:
        """Closes the connection."""
        self.http.close()

    def read(self, wait: float = 20) -> list[dict[str, Any]]:
        """Returns what is new, waiting for it at most that long."""
        answer = self.http.get(
            f"{self.path}/events", params={"after": self.cursor, "wait": wait}
        ).json()
        self.cursor = answer["cursor"]
        self.seen += answer["events"]
        return list(answer["events"])

    def send(self, message_id: str | None = None, **message: str) -> httpx.Response:
        """Sends a text or a choice."""
        body = {"client_message_id": message_id or str(uuid.uuid4()), **message}
        return self.http.post(f"{self.path}/messages", json=body)

    def say(self, text: str = "", **message: str) -> list[dict[str, Any]]:
        """Sends a message and returns the answer to it."""
        sent = self.send(**({"text": text} if text else message))
        assert sent.status_code == 202, sent.text
        return self.answer_to(sent.json()["seq"])

    def answer_to(self, seq: int, seconds: float = 30) -> list[dict[str, Any]]:
        """Waits for what was said after an event, by anybody but the resident."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = [
                e
                for e in self.seen
                if e["seq"] > seq and e["type"] == "message" and e["author"] != "resident"
            ]
            if answer:
                return answer
            self.read(wait=2)
        raise AssertionError(f"no answer after {seq}: {self.seen[-3:]}")
