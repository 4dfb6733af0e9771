"""A real service on a loopback port, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.resident import close_clients  # noqa: F401
from tests.support.service import Server, running

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ACTION_MS, EXPECT_MS = 20_000, 15_000


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service, with a new database."""
    with running(tmp_path_factory.mktemp("var")) as server:
        yield server


@pytest.fixture(autouse=True)
def calm_engine(server: Server) -> Iterator[None]:
    """Puts the engine back to its usual pace, whatever a test did to it."""
    yield
    server.engine.delay = 0.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium found in PATH; the tests are skipped where there is none.

    Not for the whole session: while Playwright runs, no other test can have an event loop.
    """
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"No browser: none of {', '.join(CHROMIUMS)} is in PATH.")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    sync_api.expect.set_options(timeout=EXPECT_MS)
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def profile(browser: Any) -> Iterator[Any]:
    """Opens new browser profiles, in French, and closes them after the test."""
    opened = []

    def new(**options: Any) -> Any:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(**{"locale": "fr-FR", "viewport": size, **options})
        context.set_default_timeout(ACTION_MS)
        opened.append(context)
        return context

    yield new
    for context in opened:
        for page in context.pages:
            # A request that a test was holding would fail the next one.
            page.unroute_all(behavior="ignoreErrors")
        context.close()


@pytest.fixture
def page(profile: Any) -> Iterator[Any]:
    """A page of a new browser profile; it fails the test on a script's error."""
    opened = profile().new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert not errors, errors
