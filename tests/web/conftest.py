"""What the tests of the web share: clients that close, and the two kinds of database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.postgresql import postgresql  # noqa: F401
from tests.support.resident import close_clients  # noqa: F401

NewDatabase = Callable[[], dict[str, str]]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Returns the settings of a new database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return dict
    cluster = request.getfixturevalue("postgresql")
    return lambda: {"database_url": cluster.new_database()}
