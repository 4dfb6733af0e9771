"""The engine port, spoken to Rasa over HTTP through the project's own channel."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import httpx

from bot.dialogue.port import Answer, EngineUnavailable, NoAnswer, Question, Understood

CONNECT_SECONDS = 1.0
PATH = "/webhooks/passerelle"


class RasaEngine:
    """Asks Rasa, one replica after the other.

    Args:
        urls: Base addresses of the replicas.
        seconds: Hard limit of one answer.
    """

    def __init__(self, urls: Sequence[str], seconds: float) -> None:
        self._urls = list(urls)
        self._turn = itertools.count()
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS), trust_env=False
        )

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        body = {
            "sender": question.key,
            "text": question.text,
            "metadata": {
                "choice": question.choice,
                "guide": question.guide,
                "audience": question.audience,
                "waiting": question.waiting,
                "featured": question.featured,
            },
        }
        reason = "no engine is configured"
        for url in self._in_order():
            try:
                response = await self._http.post(f"{url}{PATH}/turn", json=body)
            except httpx.HTTPError as error:
                reason = type(error).__name__
                continue
            if response.status_code == httpx.codes.OK:
                return _answer(response)
            reason = f"HTTP {response.status_code}"
        raise EngineUnavailable(reason)

    async def ready(self) -> bool:
        """See `Engine.ready`."""
        for url in self._urls:
            try:
                if (await self._http.get(f"{url}{PATH}/ready")).status_code == httpx.codes.OK:
                    return True
            except httpx.HTTPError:
                continue
        return False

    async def close(self) -> None:
        """See `Engine.close`."""
        await self._http.aclose()

    def _in_order(self) -> list[str]:
        first = next(self._turn) % len(self._urls) if self._urls else 0
        return self._urls[first:] + self._urls[:first]


def _answer(response: httpx.Response) -> Answer:
    try:
        data: Any = response.json()
        understood = data["understood"]
        answer = Answer(
            parts=list(data["parts"]),
            guide=dict(data["state"]),
            handoff=data["handoff"],
            leave_queue=bool(data["leave_queue"]),
            understood=Understood(
                understood["intent"],
                float(understood["confidence"]),
                [(name, float(score)) for name, score in understood["ranking"]],
            ),
            search=data.get("search"),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswer("unreadable answer") from error
    if not answer.parts and not answer.handoff:
        raise NoAnswer("wordless answer")
    return answer
