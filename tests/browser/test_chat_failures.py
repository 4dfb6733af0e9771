"""What breaks around a conversation loses nothing of it, seen from a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.service import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

from tests.browser.chatting import (  # noqa: E402
    CARD,
    begin_card,
    open_chat,
    own,
    said,
    write,
)


def test_offline_then_online_sends_once_in_order(page: Page, server: Server) -> None:
    begin_card(page, server)
    page.context.set_offline(True)
    write(page, "premier message")
    write(page, "deuxième message")
    expect(page.get_by_text("En attente d'envoi")).to_have_count(2)
    expect(page.get_by_role("status")).to_contain_text("Pas de connexion")
    page.context.set_offline(False)
    expect(page.get_by_text("En attente d'envoi")).to_have_count(0)
    expect(page.get_by_role("status")).not_to_contain_text("Pas de connexion")
    page.wait_for_timeout(800)
    assert own(page) == [CARD, "premier message", "deuxième message"]
    sent = [text for author, text in said(page, server) if author == "resident"]
    assert sent == [CARD, "premier message", "deuxième message"]


def test_an_unsent_message_survives_a_reload(page: Page, server: Server) -> None:
    begin_card(page, server)
    page.route("**/messages", lambda route: route.abort())
    write(page, "gardez-moi")
    expect(page.get_by_text("En attente d'envoi")).to_be_visible()
    page.reload()
    expect(page.get_by_text("En attente d'envoi")).to_be_visible()
    page.unroute("**/messages")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("En attente d'envoi")).to_have_count(0)
    page.wait_for_timeout(500)
    assert own(page) == [CARD, "gardez-moi"]


def test_a_lost_reply_does_not_double_the_message(page: Page, server: Server) -> None:
    """The service got the message, the browser never heard so: it sends it again."""
    begin_card(page, server)
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/messages", lose)
    write(page, "une seule fois")
    expect(page.get_by_text("En attente d'envoi")).to_have_count(0, timeout=15_000)
    page.wait_for_timeout(2500)
    assert lost == [202]
    assert own(page) == [CARD, "une seule fois"]
    sent = [text for author, text in said(page, server) if author == "resident"]
    assert sent == [CARD, "une seule fois"]


def test_without_streams_the_page_polls(page: Page, server: Server) -> None:
    def refuse_streams(route: Any) -> None:
        stream = "event-stream" in route.request.headers.get("accept", "")
        route.fulfill(status=200, content_type="text/html", body="proxy") if stream else (
            route.continue_()
        )

    page.route("**/events*", refuse_streams)
    begin_card(page, server)
    page.get_by_role("button", name="Pour moi (18 ans ou plus)").click()
    expect(page.locator(".step").last).to_contain_text("Étape 2 sur")


def test_a_stream_held_back_by_a_proxy_is_noticed(page: Page, server: Server) -> None:
    page.route(
        "**/events*",
        lambda r: None if "event-stream" in r.request.headers.get("accept", "") else r.continue_(),
    )
    open_chat(page, server)
    page.get_by_role("button", name=CARD).click()
    answer = page.get_by_role("button", name="Pour moi (18 ans ou plus)")
    expect(answer).to_be_visible(timeout=15_000)


def test_a_refused_message_says_why_and_gives_the_words_back(page: Page, server: Server) -> None:
    begin_card(page, server)
    body = '{"error": {"code": "bad_message", "message": "Écrivez un message plus court."}}'
    page.route(
        "**/messages",
        lambda r: r.fulfill(status=422, content_type="application/json", body=body),
    )
    write(page, "trop long")
    expect(page.locator(".message.failed")).to_contain_text("Écrivez un message plus court.")
    expect(page.get_by_label("Votre message")).to_have_value("trop long")
