"""Time to ready: from the start of the processes to the first answered message."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import processes
from bench.processes import Server, ServerDied
from bench.sizes import Size
from bench.systems import EngineAlone, PlainRasa, System, WebService

FIRST_WORDS = "bonjour, j'ai perdu mon mot de passe de la caf"


@dataclass
class Started:
    """Running systems, by name, with their processes and the seconds until each answered.

    Attributes:
        systems: To talk to.
        servers: `plain`, `engine` and `service` alone.
        seconds: Until the first answer of each system; `web`: until the web service took messages.
    """

    systems: dict[str, System] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


@asynccontextmanager
async def plain_running(size: Size) -> AsyncIterator[Started]:
    """Starts the plain Rasa, and stops it on leaving."""
    server = processes.plain_rasa(size)
    started = Started(servers={"plain": server})
    with ExitStack() as stack:
        stack.callback(server.stop)
        try:
            begin = server.start()
            # `rasa run` takes requests only once its model is loaded.
            await server.answers("/status", holds="model_id")
            await _first_answer(PlainRasa(server.url), started, begin)
            yield started
        finally:
            await _close(started)


@asynccontextmanager
async def passerelle_running(size: Size, model: Path) -> AsyncIterator[Started]:
    """Starts the engine and the web service together, as `make run` does, and stops them."""
    engine = processes.engine(size, model)
    service = processes.service(size, engine.url)
    started = Started(servers={"engine": engine, "service": service})
    with ExitStack() as stack:
        stack.callback(service.stop)
        stack.callback(engine.stop)
        try:
            begin = service.start()
            engine.start()
            await service.answers("/healthz")
            started.seconds["web"] = time.perf_counter() - begin
            await engine.answers("/webhooks/passerelle/ready")
            await _first_answer(EngineAlone(engine.url), started, begin)
            await service.answers("/readyz", holds='"engine":"up"')
            await _first_answer(WebService(service.url), started, begin)
            yield started
        finally:
            await _close(started)


async def _first_answer(system: System, started: Started, begin: float) -> None:
    started.systems[system.name] = system
    if not await system.say(await system.open(), FIRST_WORDS):
        raise ServerDied(f"{system.name} : pas de réponse")
    started.seconds[system.name] = time.perf_counter() - begin


async def _close(started: Started) -> None:
    for system in started.systems.values():
        await system.close()
