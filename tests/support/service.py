"""The service as it runs, on a loopback port, with a fake in the place of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from argon2 import PasswordHasher

from bot import app
from bot.counsellor.service import Accounts
from bot.database.models import Counsellor
from bot.services import Services, assemble
from bot.settings import Settings
from knowledge import catalogue
from tests.support.engine import FakeEngine, KeywordEngine, known_procedures
from tests.support.serving import Serving, bound

PASSWORD = "quatre mots bien choisis"


class QuickAccounts(Accounts):
    """The accounts, with passwords that are quickly hashed: a test signs in many people."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Server:
    """A running service.

    Args:
        var: Folder of its data.
        engine: The fake engine; a new `KeywordEngine` by default.
        settings: Replace the default settings.

    Attributes:
        url: Its address, without a final slash.
        services: Its parts, to prepare a test or look behind the scene.
        engine: The fake, to play with.
    """

    def __init__(self, var: Path, engine: FakeEngine | None = None, **settings: Any) -> None:
        self.engine = engine or KeywordEngine()
        listening = bound()
        port = listening.getsockname()[1]
        self.services = assembled(configured(var, port=port, **settings), self.engine)
        self._serving = Serving(app.create(self.services), listening)
        self.url = self._serving.url

    def stop(self) -> None:
        """Stops it as an operator does."""
        self._serving.stop()

    def counsellor(
        self,
        email: str,
        name: str = "Marie",
        role: str = "counsellor",
        communes: Sequence[str] = ("demo",),
    ) -> Counsellor:
        """Creates an account, with the password of all tests."""
        return self.services.accounts.add(email, name, role, communes, PASSWORD)


@contextmanager
def running(var: Path, engine: FakeEngine | None = None, **settings: Any) -> Iterator[Server]:
    """Runs the service until the block ends; see `Server`."""
    server = Server(var, engine, **settings)
    try:
        yield server
    finally:
        server.stop()


def configured(var: Path, **settings: Any) -> Settings:
    """Returns settings that the machine's environment and limits of rate do not trouble."""
    chosen = {"messages_per_minute": 1000, "conversations_per_minute": 1000, **settings}
    return Settings(_env_file=None, var=var, **{"telegram_token": "", **chosen})


def assembled(settings: Settings, engine: FakeEngine) -> Services:
    """Returns the parts of a service that is not started."""
    with patch.object(catalogue, "load", known_procedures):
        services = assemble(settings, engine)
    accounts = QuickAccounts(
        services.database, services.wakeups, services.communes, settings.session_hours
    )
    return replace(services, accounts=accounts)
