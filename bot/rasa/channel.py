"""The channel that the service speaks: one turn in, one structured answer out.

Unlike Rasa's REST channel it tells failures apart: `{"error": "no_answer"}` for a turn that ended
without a word (a crashed action, most often), and HTTP 503 while no model is loaded.
"""

from __future__ import annotations

import logging
from typing import Any, Awaitable, Callable, Dict, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from knowledge.compile import CHOICE_INTENT

log = logging.getLogger(__name__)

MOST_CHARACTERS = 4000


class PasserelleInput(InputChannel):
    """`POST /webhooks/passerelle/turn` and `GET /webhooks/passerelle/ready`."""

    @classmethod
    def name(cls) -> Text:
        """Name in the address and in credentials."""
        return "passerelle"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the channel's routes."""
        routes = Blueprint("passerelle")

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            loaded = agent is not None and agent.is_ready()
            return json({"ready": loaded}, status=200 if loaded else 503)

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return json({"error": "not_ready"}, status=503)
            body = request.json or {}
            collector = CollectingOutputChannel()
            await on_new_message(
                UserMessage(
                    _text(body),
                    collector,
                    body["sender"],
                    input_channel=self.name(),
                    metadata=body["metadata"],
                )
            )
            answers = [m["custom"] for m in collector.messages if "custom" in m]
            if len(answers) != 1:
                log.error("turn %s: %d answers", body["sender"], len(answers))
                return json({"error": "no_answer"}, status=200)
            return json(answers[0])

        return routes


def _text(body: Dict[Text, Any]) -> Text:
    """Returns what Rasa parses: a button is a fixed intent, a sentence can never be one.

    A leading slash would let anybody name an intent and fill slots, past the NLU.
    """
    if body["metadata"].get("choice"):
        return f"/{CHOICE_INTENT}"
    return (body.get("text") or "")[:MOST_CHARACTERS].lstrip("/ \t\n") or "?"
