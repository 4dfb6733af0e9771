"""Between a Rasa tracker and the kernel's guide."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, List, Text

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from knowledge import catalogue, glossary
from knowledge.guide import Guide, Turn
from knowledge.reply import State

RANKED = 6


@lru_cache(maxsize=1)
def guide() -> Guide:
    """Returns the guide over the whole catalogue, loaded once."""
    return Guide(catalogue.load(), glossary.load())


def turn_of(tracker: Tracker) -> Turn:
    """Reads a turn from the latest message; all context comes in its metadata."""
    message = tracker.latest_message
    sent = message.get("metadata") or {}
    return Turn(
        text=message.get("text") or "",
        state=State.from_json(sent.get("guide")),
        intent=_intent(message)["name"],
        ranking=[entry["name"] for entry in message.get("intent_ranking") or []][:RANKED],
        choice=sent.get("choice"),
        audience=sent.get("audience", "resident"),
        waiting=bool(sent.get("waiting")),
        featured=sent.get("featured") or (),
        facts=[e["value"] for e in _entities(message, "fact")],
        place=next((e["value"] for e in _entities(message, "commune")), None),
        also=message.get("also"),
    )


def answer(tracker: Tracker, dispatcher: CollectingDispatcher) -> List[Dict[Text, Any]]:
    """Utters the guide's answer to the latest message, with what was understood of it."""
    message = tracker.latest_message
    intent = _intent(message)
    reply = guide().answer(turn_of(tracker)).to_json()
    reply["understood"] = {
        "intent": intent["name"],
        "confidence": intent["confidence"],
        "ranking": [
            (entry["name"], entry["confidence"]) for entry in message.get("intent_ranking") or []
        ],
    }
    dispatcher.utter_message(json_message=reply)
    return []


def _entities(message: Dict[Text, Any], name: Text) -> List[Dict[Text, Any]]:
    return [e for e in message.get("entities") or [] if e.get("entity") == name]


def _intent(message: Dict[Text, Any]) -> Dict[Text, Any]:
    intent = message.get("intent") or {}
    return {"name": intent.get("name") or "", "confidence": intent.get("confidence") or 0.0}
