"""Wake-ups inside one process: a hint that something happened, never the news itself.

The table is the truth. A reader that misses a hint, or whose news came from another process,
looks again by itself after `POLL` seconds.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

POLL = 1.0


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

    async def wait(self, topic: str, seconds: float = POLL) -> None:
        """Returns at the next notification of the topic, or after this many seconds."""
        flag = asyncio.Event()
        self._waiting[topic].add(flag)
        try:
            await asyncio.wait_for(flag.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting[topic].discard(flag)
            if not self._waiting[topic]:
                del self._waiting[topic]
