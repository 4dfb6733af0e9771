"""The shortcut of a turn: from the request that stores a message to the runner of its process.

The turn is held from the moment it is stored, in the same transaction: nobody has to look for it
in the table, claim it and load it again. It is a hint like a wake-up: a turn that is stored when
the runner is full, stopped or in another process waits in the table for whoever claims it.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.database.models import Conversation, Turn, now

AT_A_TIME = 16


@dataclass(frozen=True)
class Lease:
    """The right to answer a turn, until a moment."""

    key: str
    until: datetime


class Shortcut:
    """Room for turns under way in this process.

    Args:
        seconds: How long a turn is held before others may take it.
    """

    def __init__(self, seconds: float) -> None:
        self._length = timedelta(seconds=seconds)
        self._lock = threading.Lock()
        self._free = 0
        self._missed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._start: Callable[[Turn, Conversation], None] | None = None

    def open(self, start: Callable[[Turn, Conversation], None]) -> None:
        """Begins to let turns through.

        Args:
            start: Begins to answer a held turn; called in the running loop.
        """
        self._loop, self._start = asyncio.get_running_loop(), start
        self._free = AT_A_TIME

    def close(self) -> None:
        """Lets no more turn through; those under way go on."""
        self._free, self._start = -AT_A_TIME, None

    def take(self) -> Lease | None:
        """Takes room for one turn; None when there is none. Callable from any thread."""
        with self._lock:
            if self._free <= 0:
                self._missed = True
                return None
            self._free -= 1
        return Lease(secrets.token_hex(12), now() + self._length)

    def give_back(self) -> None:
        """Makes room again."""
        with self._lock:
            self._free += 1

    def hand(self, turn: Turn, conversation: Conversation) -> None:
        """Passes a stored turn that holds a lease to the runner; callable from any thread."""
        if self._loop is not None and self._start is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._start, turn, conversation)

    def leave(self) -> None:
        """Notes that a turn was stored without a lease: it waits in the table."""
        with self._lock:
            self._missed = True

    def looked(self) -> None:
        """Notes that the table holds no turn that could run, while none was under way."""
        with self._lock:
            if self._free >= AT_A_TIME:
                self._missed = False

    @property
    def missed(self) -> bool:
        """Whether a turn may wait in the table for one that is under way here."""
        return self._missed
