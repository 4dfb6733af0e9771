"""A local Telegram and the service, fresh for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from knowledge import catalogue
from tests.telegram.telegram_api import BotApi
from tests.telegram.telegram_service import Service, settings

_load = cache(catalogue.load)


@pytest.fixture(autouse=True)
def catalogue_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue is the same for every test; reading it takes a while."""
    monkeypatch.setattr(catalogue, "load", lambda: _load())


@pytest.fixture
def api() -> Iterator[BotApi]:
    """A local Telegram that can be reached."""
    server = BotApi()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def start(tmp_path: Path, api: BotApi) -> Iterator[Callable[..., Service]]:
    """Starts the service; called again, on the same data."""
    started: list[Service] = []

    def run(**more: Any) -> Service:
        service = Service(settings(tmp_path, api.url, **more))
        started.append(service)
        return service

    yield run
    for service in started:
        service.stop()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """The service, polling."""
    return start()
