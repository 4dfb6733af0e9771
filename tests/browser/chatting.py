"""A resident's hands and eyes in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.service import Server

pytest.importorskip("playwright.sync_api")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

CARD = "Faire ou refaire ma carte d'identité"
STORED = "Object.values(localStorage).filter((v) => v.startsWith('{')).map((v) => JSON.parse(v))"
SERIOUS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def open_chat(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/chat?commune=demo")
    page.wait_for_selector("html.js")


def write(page: Page, text: str) -> None:
    page.get_by_label("Votre message").fill(text)
    page.get_by_label("Votre message").press("Enter")


def begin_card(page: Page, server: Server) -> None:
    open_chat(page, server)
    page.get_by_role("button", name=CARD).click()
    expect(page.get_by_role("button", name="Pour moi (18 ans ou plus)")).to_be_visible()


def conversation_of(page: Page) -> dict[str, str]:
    found = page.evaluate(f"{STORED}.find((v) => v.token)")
    assert found
    return dict(found)


def said(page: Page, server: Server) -> list[tuple[str, str]]:
    """Returns what the service has stored: author and text."""
    events = server.services.conversations.all_events(conversation_of(page)["id"])
    return [(event.author, event.text) for event in events]


def own(page: Page) -> list[str]:
    return [
        t.replace("\u00a0", " ") for t in page.locator(".message.resident .text").all_inner_texts()
    ]


def violations(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": SERIOUS}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {[n['target'] for n in v['nodes']]}" for v in found]


def answer_with(route: Any, events: list[dict[str, Any]]) -> None:
    """Plays the service's events: long-poll only."""
    if "event-stream" in route.request.headers.get("accept", ""):
        route.fulfill(status=200, content_type="text/html", body="")
        return
    after = int(re.findall(r"after=(\d+)", route.request.url)[0])
    common = {"choices": [], "sources": [], "links": [], "queue": None, "name": None}
    found = [{**common, **event} for event in events if event["seq"] > after]
    if not found:
        route.request.frame.page.wait_for_timeout(100)
    route.fulfill(status=200, json={"events": found, "cursor": after})
