"""The queue of incoming updates, whose `put` returns when the update has been dealt with.

Telegram forgets an update once the next request for updates confirms it, or once the webhook has
answered. Both happen after `put`: so an update is confirmed after it is stored, and a crash in
between only makes Telegram deliver it again.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Receipts(asyncio.Queue[object]):
    """A queue read by one consumer that calls `task_done` after each item, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._added = self._dealt_with = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def put(self, item: object) -> None:
        """Adds an item and waits until it has been dealt with."""
        self.put_nowait(item)
        self._added += 1
        receipt: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._added, receipt))
        await receipt

    def task_done(self) -> None:
        """Gives the receipt of the oldest item."""
        super().task_done()
        self._dealt_with += 1
        while self._waiting and self._waiting[0][0] <= self._dealt_with:
            _, receipt = self._waiting.popleft()
            if not receipt.done():
                receipt.set_result(None)
