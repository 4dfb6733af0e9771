"""Wake-ups inside one process: a hint that something happened, never the news itself.

The table is the truth. A reader that misses a hint, or whose news came from another process,
looks again by itself after `POLL` seconds.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

POLL = 1.0


class Listener:
    """Hears one topic."""

    def __init__(self, flag: asyncio.Event) -> None:
        self._flag = flag

    def clear(self) -> None:
        """Forgets what was heard so far."""
        self._flag.clear()

    async def wait(self, seconds: float = POLL) -> None:
        """Returns when something is heard, at once if it already was, or after these seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._flag.wait(), seconds)


class Wakeups:
    """Lets coroutines wait for a topic: a conversation's id, `turns` or `tickets`."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self) -> None:
        """Remembers the running loop, so that threads can notify it."""
        self._loop = asyncio.get_running_loop()

    def notify(self, *topics: str) -> None:
        """Wakes those who wait for these topics; callable from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, topics)

    def _wake(self, topics: tuple[str, ...]) -> None:
        for topic in topics:
            for flag in self._waiting.get(topic, ()):
                flag.set()

    @contextmanager
    def listening(self, topic: str) -> Iterator[Listener]:
        """Hears the topic while the context is open.

        Call `clear` before looking at the table: what comes after it is not missed, even when it
        comes between the look and the wait.
        """
        flag = asyncio.Event()
        self._waiting[topic].add(flag)
        try:
            yield Listener(flag)
        finally:
            self._waiting[topic].discard(flag)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def wait(self, topic: str, seconds: float = POLL) -> None:
        """Returns at the next notification of the topic, or after this many seconds."""
        with self.listening(topic) as listener:
            await listener.wait(seconds)
