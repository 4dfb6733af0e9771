"""What is measured, each behind the same two calls: open a conversation, say something in it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from bench import plain
from bot.commune import model as communes
from bot.dialogue.evaluation import Outcome, Row
from bot.dialogue.port import EngineUnavailable, NoAnswer, Question, Understood
from bot.dialogue.rasa import RasaEngine
from bot.settings import Settings
from knowledge.texts import say

SECONDS = 60.0
COMMUNE = "demo"
LONG_POLL = 25.0


class System(Protocol):
    """Something that can be talked to."""

    name: str

    async def open(self) -> Any:
        """Opens a conversation; this is never timed."""
        ...

    async def say(self, conversation: Any, text: str) -> bool:
        """Says something and waits for the whole answer; tells whether there was one."""
        ...

    async def close(self) -> None:
        """Releases connections."""
        ...


def client(url: str) -> httpx.AsyncClient:
    """Returns an HTTP client for a server on the loopback."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(base_url=url, timeout=SECONDS, trust_env=False, limits=limits)


class PlainRasa:
    """`rasa run`, through its REST channel."""

    name = "plain"

    def __init__(self, url: str) -> None:
        self._http = client(url)

    async def open(self) -> str:
        """See `System.open`."""
        return uuid.uuid4().hex

    async def say(self, conversation: str, text: str) -> bool:
        """See `System.say`."""
        body = {"sender": conversation, "message": text}
        answer = await self._http.post("/webhooks/rest/webhook", json=body)
        return answer.status_code == httpx.codes.OK and bool(answer.json())

    async def understand(self, row: Row) -> Outcome:
        """Asks what it makes of a sentence, outside any conversation."""
        begin = time.perf_counter()
        answer = await self._http.post("/model/parse", json={"text": row.text})
        ms = (time.perf_counter() - begin) * 1000
        parsed = answer.raise_for_status().json()
        ranking = [
            (plain.id_of(entry["name"]), entry["confidence"]) for entry in parsed["intent_ranking"]
        ]
        intent = parsed["intent"]
        understood = Understood(plain.id_of(intent["name"] or ""), intent["confidence"], ranking)
        return Outcome(row, understood, ms)

    async def close(self) -> None:
        """See `System.close`."""
        await self._http.aclose()


@dataclass
class Talk:
    """A conversation with the engine alone: the state that the service would keep."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    guide: dict[str, Any] = field(default_factory=dict)
    turns: int = 0


class EngineAlone:
    """Passerelle's engine, asked as the service asks it, the guide's state carried along."""

    name = "engine"

    def __init__(self, url: str) -> None:
        self._engine = RasaEngine([url], SECONDS)
        known = communes.load(Settings.model_fields["communes"].default)
        self._featured = known[COMMUNE].suggestions("resident")

    async def open(self) -> Talk:
        """See `System.open`."""
        return Talk()

    async def say(self, conversation: Talk, text: str) -> bool:
        """See `System.say`."""
        conversation.turns += 1
        question = Question(
            key=f"{conversation.key}-{conversation.turns}",
            text=text,
            choice=None,
            guide=conversation.guide,
            featured=self._featured,
        )
        try:
            answer = await self._engine.ask(question)
        except (NoAnswer, EngineUnavailable):
            return False
        conversation.guide = answer.guide
        return True

    async def understand(self, row: Row) -> Outcome:
        """Asks what it makes of a sentence, on a fresh conversation."""
        question = Question(key=uuid.uuid4().hex, text=row.text, choice=None, guide={})
        begin = time.perf_counter()
        answer = await self._engine.ask(question)
        return Outcome(row, answer.understood, (time.perf_counter() - begin) * 1000)

    async def close(self) -> None:
        """See `System.close`."""
        await self._engine.close()


def is_answer(event: dict[str, Any]) -> bool:
    """Tells whether an event answers a message.

    The bot's words do, and the service's when it calls a counsellor; its apologies do not.
    """
    return (
        event["type"] == "message"
        and event["author"] in ("bot", "system")
        and event["text"] not in {say("service.apology"), say("service.starting")}
    )


@dataclass
class Device:
    """A resident's device in a conversation of the service."""

    path: str
    headers: dict[str, str]


class WebService:
    """The whole of Passerelle, through the resident API, as the widget uses it."""

    name = "service"

    def __init__(self, url: str) -> None:
        self.http = client(url)

    async def open(self) -> Device:
        """See `System.open`."""
        answer = await self.http.post("/api/conversations", json={"commune": COMMUNE})
        opened = answer.raise_for_status().json()
        headers = {"Authorization": f"Bearer {opened['token']}"}
        return Device(f"/api/conversations/{opened['id']}", headers)

    async def post(self, device: Device, text: str) -> int:
        """Sends a message without waiting for the answer; returns its place in the events."""
        answer = await self.http.post(
            f"{device.path}/messages",
            json={"client_message_id": uuid.uuid4().hex, "text": text},
            headers=device.headers,
        )
        return int(answer.raise_for_status().json()["seq"])

    async def say(self, conversation: Device, text: str) -> bool:
        """See `System.say`."""
        cursor = await self.post(conversation, text)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            answer = await self.http.get(
                f"{conversation.path}/events",
                params={"after": cursor, "wait": LONG_POLL},
                headers=conversation.headers,
            )
            news = answer.raise_for_status().json()
            cursor = news["cursor"]
            said = [event for event in news["events"] if event["type"] == "message"]
            if said:
                return any(map(is_answer, said))
        return False

    async def close(self) -> None:
        """See `System.close`."""
        await self.http.aclose()
