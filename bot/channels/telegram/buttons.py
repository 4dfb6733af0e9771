"""Buttons: Telegram carries at most 64 bytes with each, a choice's id may be longer.

A long id travels as a digest, resolved against what was offered in the conversation: nothing is
kept in memory, so a button pressed after a restart still works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit

_MOST_BYTES = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)
# No choice's id begins like this.
_MARK = "#"


def carried(choice: str) -> str:
    """Returns what a button carries for a choice: its id, or a digest of it."""
    if len(choice.encode()) <= _MOST_BYTES and not choice.startswith(_MARK):
        return choice
    return _MARK + hashlib.sha256(choice.encode()).hexdigest()[:40]


def choice_of(data: str, offered: Iterable[str]) -> str | None:
    """Returns the choice that a pressed button stands for, or None.

    Args:
        data: What the button carried.
        offered: Ids of the choices offered in the conversation.
    """
    if not data.startswith(_MARK):
        return data
    return next((choice for choice in offered if carried(choice) == data), None)


def keyboard(choices: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup | None:
    """Returns a keyboard with one button per row, or None.

    Args:
        choices: Ids and labels.
    """
    rows = [
        [InlineKeyboardButton(label, callback_data=carried(choice))] for choice, label in choices
    ]
    return InlineKeyboardMarkup(rows) if rows else None
