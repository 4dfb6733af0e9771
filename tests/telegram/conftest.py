"""A local Telegram and the service, fresh for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Server
from tests.telegram.telegram_api import BotApi
from tests.telegram.telegram_service import started


@pytest.fixture
def api() -> Iterator[BotApi]:
    """A local Telegram that can be reached."""
    server = BotApi()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def start(tmp_path: Path, api: BotApi) -> Iterator[Callable[..., Server]]:
    """Starts the service; called again, on the same data."""
    running: list[Server] = []

    def run(**more: Any) -> Server:
        running.append(started(tmp_path, api.url, **more))
        return running[-1]

    yield run
    for server in running:
        server.stop()


@pytest.fixture
def service(start: Callable[..., Server]) -> Server:
    """The service, polling."""
    return start()
