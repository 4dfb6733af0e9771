"""The widget on the commune's own pages, seen from a real browser."""

from __future__ import annotations

import re

import pytest

from tests.support.service import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

from tests.browser.chatting import (  # noqa: E402
    CARD,
)


def test_the_widget_opens_closes_and_gives_focus_back(page: Page, server: Server) -> None:
    page.goto(server.url)
    button = page.get_by_role("button", name="Besoin d'aide")
    expect(button).to_have_attribute("aria-expanded", "false")
    assert page.locator("iframe").count() == 0
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("Votre message")).to_be_focused()
    assert page.locator("iframe").get_attribute("title")
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_widget_stays_open_from_page_to_page(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Besoin d'aide").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name=CARD).click()
    expect(frame.locator(".step").last).to_contain_text("Étape 1 sur")
    page.goto(f"{server.url}/?page=2")
    expect(frame.locator(".message.resident .text")).to_have_text([CARD])
    frame.get_by_role("button", name="Fermer l'aide").click()
    expect(page.locator("iframe")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Besoin d'aide")).to_be_visible()
    assert page.locator("iframe").count() == 0


def test_the_widget_counts_what_arrives_while_it_is_closed(page: Page, server: Server) -> None:
    page.goto(server.url)
    button = page.get_by_role("button", name="Besoin d'aide")
    button.click()
    server.engine.delay = 1.0
    frame = page.frame_locator("iframe")
    frame.get_by_label("Votre message").fill("bonjour")
    frame.get_by_label("Votre message").press("Enter")
    expect(frame.locator(".message.resident")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("nouveau message"))).to_be_visible()
    button.click()
    expect(page.get_by_role("button", name=re.compile("nouveau"))).to_have_count(0)


def test_on_a_phone_the_widget_fills_the_screen(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(server.url)
    button = page.get_by_role("button", name="Besoin d'aide")
    box = button.bounding_box()
    assert box and box["height"] >= 44 and box["x"] + box["width"] <= 360
    button.click()
    frame = page.locator("iframe").bounding_box()
    assert frame == {"x": 0, "y": 0, "width": 360, "height": 640}
    page.frame_locator("iframe").get_by_role("button", name="Fermer l'aide").click()
    expect(button).to_be_focused()


def test_the_widget_works_under_a_strict_policy_of_the_site(page: Page, server: Server) -> None:
    """No inline style, no eval: the site allows our script and our frame, nothing else of ours."""
    policy = f"default-src 'none'; script-src {server.url}; frame-src {server.url}"
    html = f'<!doctype html><title>x</title><script src="{server.url}/widget.js" defer></script>'
    page.route(
        f"{server.url}/strict",
        lambda r: r.fulfill(
            headers={"Content-Security-Policy": policy}, content_type="text/html", body=html
        ),
    )
    page.goto(f"{server.url}/strict")
    button = page.get_by_role("button", name="Besoin d'aide")
    assert button.evaluate("(e) => getComputedStyle(e).position") == "fixed"
    button.click()
    expect(page.frame_locator("iframe").get_by_label("Votre message")).to_be_focused()


def test_another_site_cannot_frame_the_conversation(page: Page, server: Server) -> None:
    stranger = server.url.replace("127.0.0.1", "localhost")
    html = f'<!doctype html><title>x</title><iframe src="{server.url}/chat"></iframe>'
    page.route(f"{stranger}/stranger", lambda r: r.fulfill(content_type="text/html", body=html))
    page.goto(f"{stranger}/stranger")
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").get_by_label("Votre message").count() == 0
