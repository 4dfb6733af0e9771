"""What the tests of the web share: clients that close, and the two kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgresql import postgresql  # noqa: F401
from tests.support.resident import close_clients  # noqa: F401
from tests.support.service import running
from tests.web.counselling import Place

NewDatabase = Callable[[], dict[str, str]]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Returns the settings of a new database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return dict
    cluster = request.getfixturevalue("postgresql")
    return lambda: {"database_url": cluster.new_database()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A service with two communes."""
    var = tmp_path_factory.mktemp("var")
    communes = var / "communes"
    communes.mkdir()
    source = Path(__file__).parents[2] / "bot" / "commune" / "communes" / "demo.yml"
    for commune in ("demo", "voisine"):
        (communes / f"{commune}.yml").write_text(source.read_text("utf-8"), "utf-8")
    with running(var, communes=communes) as server:
        yield Place(server)
