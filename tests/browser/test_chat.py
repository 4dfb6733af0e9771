"""What a resident can rely on, seen from a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.service import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

from tests.browser.chatting import (  # noqa: E402
    CARD,
    answer_with,
    begin_card,
    conversation_of,
    open_chat,
    own,
    said,
    write,
)

# --- the conversation ----------------------------------------------------------------------------


def test_looking_opens_no_conversation(page: Page, server: Server) -> None:
    posts: list[str] = []
    page.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    open_chat(page, server)
    expect(page.get_by_role("button", name=CARD)).to_be_visible()
    assert posts == []
    assert page.evaluate("localStorage.length") == 0


def test_a_procedure_step_by_step(page: Page, server: Server) -> None:
    begin_card(page, server)
    expect(page.locator(".step").last).to_contain_text("Étape 1 sur")
    expect(page.locator("progress").last).to_have_js_property("value", 1)
    page.get_by_role("button", name="Pour moi (18 ans ou plus)").click()
    expect(page.locator(".step").last).to_contain_text("Étape 2 sur")
    # The answers of the former question cannot be pressed again.
    expect(page.get_by_role("button", name="Pour moi (18 ans ou plus)")).to_have_count(0)
    assert own(page) == [CARD, "Pour moi (18 ans ou plus)"]


def test_sources_are_dated_and_links_leave_in_a_new_tab(page: Page, server: Server) -> None:
    begin_card(page, server)
    summary = page.locator(".sources summary").first
    expect(summary).to_have_text(re.compile(r"ources?.*vérifiée?s? le \d{1,2}(er)? \w+ 20\d\d"))
    summary.click()
    link = page.locator(".sources a").first
    expect(link).to_be_visible()
    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("rel") == "noopener"
    assert str(link.get_attribute("href")).startswith("https://")


def test_a_typed_sentence_is_answered_and_markup_is_only_text(page: Page, server: Server) -> None:
    open_chat(page, server)
    write(page, "<img src=x onerror=alert(1)> ma carte d'identité")
    expect(page.get_by_role("button", name="Pour moi (18 ans ou plus)")).to_be_visible()
    assert page.locator(".message img").count() == 0
    assert own(page) == ["<img src=x onerror=alert(1)> ma carte d'identité"]


def test_what_is_masked_is_shown_masked(page: Page, server: Server) -> None:
    open_chat(page, server)
    write(page, "mon numéro est le 2 69 05 49 588 157 80, merci")
    expect(page.locator(".message.resident .text")).not_to_contain_text("588")
    assert all("588" not in text for _, text in said(page, server))


def test_shift_enter_makes_a_line(page: Page, server: Server) -> None:
    open_chat(page, server)
    field = page.get_by_label("Votre message")
    field.fill("bonjour")
    field.press("Shift+Enter")
    field.press_sequentially("la carte d'identité")
    assert page.locator(".message.resident").count() == 0
    field.press("Enter")
    expect(page.locator(".message.resident .text")).to_have_text("bonjour\nla carte d'identité")
    expect(field).to_have_value("")


def test_reload_keeps_the_conversation_out_of_the_live_region(page: Page, server: Server) -> None:
    begin_card(page, server)
    page.reload()
    expect(page.locator("#history .message.resident")).to_have_text(re.compile(CARD))
    expect(page.get_by_role("button", name="Pour moi (18 ans ou plus)")).to_be_visible()
    assert page.locator("#news .message").count() == 0
    page.get_by_role("button", name="Pour moi (18 ans ou plus)").click()
    expect(page.locator("#news .step")).to_contain_text("Étape 2 sur")
    assert own(page) == [CARD, "Pour moi (18 ans ou plus)"]


def test_one_live_region_empty_at_first_and_never_nested(page: Page, server: Server) -> None:
    open_chat(page, server)
    log = page.get_by_role("log")
    expect(log).to_have_count(1)
    assert log.get_attribute("aria-live") == "polite"
    assert log.locator("*").count() == 0
    page.get_by_role("button", name=CARD).click()
    expect(log.locator(".message.bot").first).to_be_visible()
    nested = "[role=log] [aria-live], [role=log] [role=status], [aria-live] [role=log]"
    assert page.locator(nested).count() == 0


def test_the_wait_for_an_answer_is_shown(page: Page, server: Server) -> None:
    open_chat(page, server)
    server.engine.delay = 1.5
    write(page, "bonjour")
    expect(page.get_by_text("Passerelle réfléchit…")).to_be_visible()
    expect(page.locator("#news .message.bot")).not_to_have_count(0)
    expect(page.get_by_text("Passerelle réfléchit…")).to_be_hidden()


# --- coming back ---------------------------------------------------------------------------------


def test_the_code_brings_the_conversation_back_elsewhere(
    page: Page, server: Server, profile: Any
) -> None:
    begin_card(page, server)
    page.get_by_text("Menu").click()
    code = page.locator(".code").inner_text()
    assert re.fullmatch(r"[A-Z0-9]{5}-[A-Z0-9]{5}", code)
    other = profile().new_page()
    open_chat(other, server)
    other.get_by_text("Menu").click()
    other.get_by_label("Reprendre avec un code").fill("AAAAA-AAAAA")
    other.get_by_role("button", name="Reprendre", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("Ce code ne correspond")
    other.get_by_label("Reprendre avec un code").fill(code.lower().replace("-", " "))
    other.get_by_role("button", name="Reprendre", exact=True).click()
    expect(other.get_by_role("status")).to_contain_text("de retour")
    expect(other.locator(".message.resident .text")).to_have_text([CARD])


def test_a_new_conversation_tells_how_to_find_the_old_one(page: Page, server: Server) -> None:
    begin_card(page, server)
    code = conversation_of(page)["code"]
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.get_by_role("status")).to_contain_text(code)
    assert page.locator(".message.resident").count() == 0
    assert page.evaluate("localStorage.length") == 0


def test_an_erased_conversation_is_said_to_be_gone(page: Page, server: Server) -> None:
    begin_card(page, server)
    page.evaluate(
        "for (const key of Object.keys(localStorage)) localStorage.setItem(key, JSON.stringify("
        "{ ...JSON.parse(localStorage.getItem(key)), token: 'wrong' }))"
    )
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("a été effacée")
    expect(page.get_by_role("button", name=CARD)).to_be_visible()


def test_the_conversation_can_be_saved(page: Page, server: Server) -> None:
    begin_card(page, server)
    page.get_by_text("Menu").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer en texte").click()
    assert CARD in download.value.path().read_text(encoding="utf-8")


# --- people --------------------------------------------------------------------------------------


def test_asking_for_a_person_shows_the_queue_and_can_be_undone(page: Page, server: Server) -> None:
    begin_card(page, server)
    tools = page.get_by_role("group", name="Aide à tout moment")
    tools.get_by_role("button", name="Parler à quelqu'un").click()
    expect(page.get_by_role("status")).to_contain_text("Vous êtes dans la file")
    page.get_by_role("button", name="Ne plus attendre").click()
    expect(page.get_by_role("status")).not_to_contain_text("file")
    expect(page.get_by_role("button", name="Ne plus attendre")).to_have_count(0)


def test_a_counsellor_is_shown_as_a_person_and_the_exchange_can_be_rated(
    page: Page, server: Server
) -> None:
    begin_card(page, server)
    events: list[dict[str, Any]] = []
    page.route("**/events*", lambda route: answer_with(route, events))
    events += [
        {"seq": 90, "type": "state", "author": "system", "state": "counsellor", "name": "Marie",
         "text": "Marie a rejoint la conversation."},
        {"seq": 91, "type": "message", "author": "counsellor", "state": "counsellor",
         "name": "Marie", "text": "Bonjour, je regarde avec vous."},
    ]  # fmt: skip
    page.reload()
    message = page.locator(".message.counsellor")
    expect(message).to_contain_text("Marie")
    expect(message.locator(".person")).to_have_text("personne")
    expect(page.get_by_role("status")).to_contain_text("Vous parlez avec Marie, une personne.")
    expect(page.get_by_role("button", name="Plus simple")).to_be_hidden()
    with page.expect_request(lambda r: r.url.endswith("/typing")):
        page.get_by_label("Votre message").press_sequentially("merci")
    events.append({"seq": 92, "type": "state", "author": "system", "state": "bot",
                   "text": "La conversation avec le conseiller est terminée."})  # fmt: skip
    expect(page.get_by_role("group", name="Cette aide vous a-t-elle été utile")).to_be_visible()
    with page.expect_request(lambda r: r.url.endswith("/rating")) as sent:
        page.get_by_role("button", name="4 sur 5").click()
    assert sent.value.post_data_json == {"score": 4, "comment": ""}
    expect(page.get_by_role("status")).to_contain_text("Merci pour votre avis.")
