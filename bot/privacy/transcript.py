"""A conversation to print or to keep: one clean page, or plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.commune.model import Commune
from bot.conversation.events import words
from bot.database.models import Conversation, Event

_TEMPLATES = Path(__file__).parent / "templates"
_SAFE = ("https://", "http://")


def as_html(
    conversation: Conversation, events: Sequence[Event], commune: Commune, code: str = ""
) -> str:
    """Returns the conversation as a page without anything executable.

    Args:
        conversation: Which.
        events: Its events, oldest first.
        commune: Its commune: the name, and the zone of the hours.
        code: The code to come back with, for the person.
    """
    return _render("transcript.html", conversation, events, commune, code)


def as_text(
    conversation: Conversation, events: Sequence[Event], commune: Commune, code: str = ""
) -> str:
    """Returns the conversation as plain text.

    Args:
        conversation: Which.
        events: Its events, oldest first.
        commune: Its commune.
        code: The code to come back with, for the person.
    """
    return _render("transcript.txt", conversation, events, commune, code).strip() + "\n"


def _render(
    template: str, conversation: Conversation, events: Sequence[Event], commune: Commune, code: str
) -> str:
    zone = ZoneInfo(commune.timezone)
    messages = [_message(event, zone, code) for event in events if event.text]
    return (
        _environment(escape=template.endswith(".html"))
        .get_template(template)
        .render(
            commune=commune.name,
            begun=conversation.created_at.astimezone(zone),
            messages=messages,
            checked=_checked(messages),
        )
    )


def _message(event: Event, zone: ZoneInfo, code: str) -> dict[str, Any]:
    payload = event.payload
    return {
        "author": event.author,
        "name": payload.get("name"),
        "at": event.created_at.astimezone(zone),
        "lines": words(event, code).splitlines(),
        # A link that runs a script is no link; an address is shown all the same.
        "links": [
            {
                "label": link.get("label") or link.get("url", ""),
                "url": str(link.get("url", "")),
                "safe": str(link.get("url", "")).lower().startswith(_SAFE),
            }
            for link in payload.get("links", [])
        ],
        "sources": [
            {
                "label": source.get("label") or source.get("url", ""),
                "url": str(source.get("url", "")),
                "safe": str(source.get("url", "")).lower().startswith(_SAFE),
                "checked_on": _day(source.get("checked_on")),
            }
            for source in payload.get("sources", [])
        ],
    }


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _checked(messages: Sequence[dict[str, Any]]) -> bool:
    return any(message["sources"] for message in messages)


def _french_number(day: int) -> str:
    return "1er" if day == 1 else str(day)


def _clock(moment: datetime) -> str:
    return f"{moment.hour} h {moment.minute:02d}"


@cache
def _environment(escape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=escape,  # noqa: S701 - off for the plain text alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = _clock
    environment.filters["day_number"] = _french_number
    return environment
