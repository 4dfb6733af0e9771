"""How an event of a conversation looks in a Telegram chat. Pure.

Plain text, without any markup: nothing to escape, and no word that Telegram could refuse.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from telegram.constants import MessageLimit

from knowledge.texts import say

MOST_UNITS = int(MessageLimit.MAX_TEXT_LENGTH)
# Where a long text may be cut, the best place first.
_CUTS = ("\n\n", "\n", ". ", " ")


@dataclass(frozen=True)
class Piece:
    """One Telegram message; `choices` are ids and labels."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()


def is_shown(event: dict[str, Any]) -> bool:
    """Tells whether the person must be sent this event; their own words are already there."""
    if event["author"] == "resident":
        return False
    return bool(event["text"].strip() or event["choices"])


def pieces(event: dict[str, Any]) -> list[Piece]:
    """Returns an event as messages; the buttons are under the last one.

    Args:
        event: In the terms of the API.
    """
    below = [say("telegram.link", **link) for link in event["links"]]
    below += [_source(source) for source in event["sources"]]
    text = "\n\n".join(filter(None, (_words(event), "\n".join(below))))
    choices = tuple((choice["id"], choice["label"]) for choice in event["choices"])
    *first, last = split(text)
    return [*(Piece(part) for part in first), Piece(last, choices)]


def split(text: str) -> list[str]:
    """Cuts a text into parts that Telegram accepts, between sentences or words if possible."""
    parts = []
    while _units(text) > MOST_UNITS:
        head = _head(text)
        half = len(head) // 2
        end = next((at + len(cut) for cut in _CUTS if (at := head.rfind(cut)) > half), len(head))
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [part for part in (*parts, text) if part]


def _words(event: dict[str, Any]) -> str:
    text: str = event["text"].strip() or say("choose_or_say")
    if event["author"] == "counsellor":
        name = event["name"] or say("telegram.a_counsellor")
        return say("telegram.counsellor", name=name, text=text)
    return say("telegram.system", text=text) if event["author"] == "system" else text


def _source(source: dict[str, str]) -> str:
    checked = source.get("checked_on")
    if not checked:
        return say("telegram.source_undated", label=source["label"], url=source["url"])
    with contextlib.suppress(ValueError):
        checked = date.fromisoformat(checked).strftime("%d/%m/%Y")
    return say("telegram.source", label=source["label"], url=source["url"], date=checked)


def _units(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _head(text: str) -> str:
    """Returns the longest beginning that fits."""
    head = text[:MOST_UNITS]
    while _units(head) > MOST_UNITS:
        head = head[: -max(1, (_units(head) - MOST_UNITS) // 2)]
    return head
