"""Open widget streams: how many are held, and how fast messages arrive through them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.figures import Timings
from bench.systems import Device, WebService, is_answer

OPEN_SECONDS = 60.0
ARRIVAL_SECONDS = 30.0
AT_ONCE = 20


@dataclass
class Held:
    """What was measured with the streams open.

    Attributes:
        asked: Streams that were asked for.
        held: Streams that got their first events and were still open at the end.
        delivery: From sending a message to its arrival on the stream.
        reply: From sending a message to the arrival of the first words of the answer.
        service_mb: Memory of the web service with the streams open.
    """

    asked: int
    held: int = 0
    delivery: Timings = field(default_factory=Timings)
    reply: Timings = field(default_factory=Timings)
    service_mb: float = 0.0


class Stream:
    """One widget's open stream, and when each event arrived."""

    def __init__(self, service: WebService, device: Device) -> None:
        self.device = device
        self._service = service
        self._arrived: dict[int, tuple[float, bool]] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connects."""
        self._task = asyncio.create_task(self._read())

    @property
    def alive(self) -> bool:
        """Whether it is open and something has come through it."""
        return self._task is not None and not self._task.done() and bool(self._arrived)

    async def stop(self) -> None:
        """Disconnects."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def arrival(self, seq: int, seconds: float) -> float | None:
        """Waits for the event at a place; returns when it arrived, or None."""
        return await self._when(lambda place, answer: place == seq, seconds)

    async def answer(self, seq: int, seconds: float) -> float | None:
        """Waits for the first words of the answer to the message at a place."""
        return await self._when(lambda place, answer: answer and place > seq, seconds)

    async def _when(self, wanted: Callable[[int, bool], bool], seconds: float) -> float | None:
        end = time.monotonic() + seconds
        while True:
            self._news.clear()
            found = [
                moment for place, (moment, answer) in self._arrived.items() if wanted(place, answer)
            ]
            remaining = end - time.monotonic()
            if found or remaining <= 0:
                return min(found, default=None)
            try:
                await asyncio.wait_for(self._news.wait(), remaining)
            except TimeoutError:
                continue

    async def _read(self) -> None:
        headers = {**self.device.headers, "Accept": "text/event-stream"}
        path = f"{self.device.path}/events"
        timeout = httpx.Timeout(ARRIVAL_SECONDS, read=None)
        async with self._service.http.stream("GET", path, headers=headers, timeout=timeout) as got:
            got.raise_for_status()
            async for line in got.aiter_lines():
                if line.startswith("data:"):
                    self._note(json.loads(line.removeprefix("data:")))

    def _note(self, event: dict[str, Any]) -> None:
        if event["type"] == "message":
            self._arrived.setdefault(event["seq"], (time.perf_counter(), is_answer(event)))
            self._news.set()


async def measure(
    service: WebService,
    sentences: Sequence[str],
    streams: int,
    deliveries: int,
    weigh: Callable[[], float],
) -> Held:
    """Opens the streams, sends messages through some of them one by one, and counts.

    Args:
        service: The web service.
        sentences: What is sent.
        streams: How many to open.
        deliveries: How many messages to send.
        weigh: Returns the memory of the web service.
    """
    held = Held(asked=streams)
    opened = [Stream(service, device) for device in await _devices(service, streams)]
    try:
        for stream in opened:
            stream.start()
        await _settle(opened)
        alive = [stream for stream in opened if stream.alive]
        for number in range(deliveries if alive else 0):
            # A number without a common divisor with most counts: the senders are spread out.
            stream = alive[number * 7 % len(alive)]
            await _deliver(service, stream, sentences[number % len(sentences)], held)
        held.held = sum(stream.alive for stream in opened)
        held.service_mb = weigh()
    finally:
        await asyncio.gather(*(stream.stop() for stream in opened))
    return held


async def _devices(service: WebService, count: int) -> list[Device]:
    devices: list[Device] = []
    while len(devices) < count:
        some = min(AT_ONCE, count - len(devices))
        devices += await asyncio.gather(*(service.open() for _ in range(some)))
    return devices


async def _settle(streams: Sequence[Stream]) -> None:
    end = time.monotonic() + OPEN_SECONDS
    while time.monotonic() < end and not all(stream.alive for stream in streams):
        await asyncio.sleep(0.2)


async def _deliver(service: WebService, stream: Stream, text: str, held: Held) -> None:
    begin = time.perf_counter()
    seq = await service.post(stream.device, text)
    for wait, timings in ((stream.arrival, held.delivery), (stream.answer, held.reply)):
        moment = await wait(seq, ARRIVAL_SECONDS)
        timings.add(((moment or begin) - begin) * 1000, moment is not None)
