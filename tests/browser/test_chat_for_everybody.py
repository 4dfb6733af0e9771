"""The chat for all: no obstacle, small screens, a keyboard alone, no script."""

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
    violations,
)

# --- everybody -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/chat?commune=demo"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, server: Server, path: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(server.url + path)
    expect(page.get_by_role("button").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_conversation(page: Page, server: Server, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    begin_card(page, server)
    page.locator(".sources summary").first.click()
    page.get_by_role("button", name="Parler à quelqu'un").last.click()
    expect(page.get_by_role("status")).to_contain_text("Vous êtes dans la file")
    page.get_by_text("Menu").click()
    assert violations(page) == []


def test_keyboard_alone_goes_through_a_step(page: Page, server: Server) -> None:
    open_chat(page, server)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au message à écrire")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").replace("\u00a0", " ") == CARD:
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pour moi (18 ans ou plus)")).to_be_visible()
    # Focus went to what was said: the next stops are in the answer.
    expect(page.locator(".message.resident")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
        if "Pour moi" in page.evaluate("document.activeElement.textContent"):
            break
    expect(page.get_by_role("button", name="Pour moi (18 ans ou plus)")).to_be_focused()


def test_escape_closes_the_menu_and_gives_focus_back(page: Page, server: Server) -> None:
    open_chat(page, server)
    page.locator(".menu summary").press("Enter")
    page.get_by_label("Reprendre avec un code").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Reprendre avec un code")).to_be_hidden()
    expect(page.locator(".menu summary")).to_be_focused()


@pytest.mark.parametrize(
    ("width", "height", "font"), [(360, 640, 16), (360, 640, 32), (320, 256, 16)]
)
def test_small_screens_and_large_text_scroll_one_way_only(
    page: Page, server: Server, width: int, height: int, font: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for path in ("/", "/chat?commune=demo"):
        page.goto(server.url + path)
        page.evaluate("(size) => document.documentElement.style.fontSize = `${size}px`", font)
        if path != "/":
            page.get_by_role("button", name=CARD).click()
            expect(page.locator(".step").last).to_contain_text("Étape 1")
        widest = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
        assert page.evaluate(widest) <= width
    expect(page.get_by_label("Votre message")).to_be_visible()


def test_touch_targets_are_large_enough(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    begin_card(page, server)
    page.get_by_text("Menu").click()
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary, input:not([type=hidden]), textarea')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5)"
        ".map((e) => e.outerHTML.slice(0, 90))"
    )
    assert small == []


def test_nothing_is_asked_from_another_site(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url)
    page.get_by_role("button", name="Besoin d'aide").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name=CARD).click()
    expect(frame.locator(".step").last).to_contain_text("Étape 1 sur")
    assert [url for url in asked if not url.startswith(f"{server.url}/")] == []


def test_the_page_weighs_less_than_60_kb(page: Page, server: Server) -> None:
    sizes: list[int] = []
    page.on("response", lambda r: sizes.append(len(r.body())))
    open_chat(page, server)
    page.wait_for_load_state("networkidle")
    assert 10_000 < sum(sizes) < 60_000


# --- without a script ----------------------------------------------------------------------------


def test_the_whole_path_without_a_script(server: Server, profile: Any) -> None:
    context = profile(java_script_enabled=False, viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(f"{server.url}/chat?commune=demo")
    assert context.cookies() == []
    expect(page.get_by_text("Je suis un programme, pas une personne.")).to_be_visible()
    page.get_by_role("button", name="Commencer").click()
    (cookie,) = context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["path"] == "/chat"
    page.get_by_role("button", name=CARD).click()
    expect(page.locator(".step")).to_contain_text("Étape 1 sur")
    page.get_by_role("button", name="Pour moi (18 ans ou plus)").click()
    expect(page.locator(".step").last).to_contain_text("Étape 2 sur")
    page.get_by_label("Votre message").fill("je ne vois pas le bouton")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("je ne vois pas le bouton")).to_be_visible()
    expect(page.locator(".message.bot").last).to_be_visible()
    page.get_by_role("link", name="Actualiser").click()
    assert page.locator(".message.resident").count() == 3
    page.get_by_role("button", name="Parler à quelqu'un").last.click()
    expect(page.get_by_role("status")).to_contain_text("Vous êtes dans la file")
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.get_by_role("button", name="Commencer")).to_be_visible()


def test_without_a_script_a_slow_answer_comes_by_itself(server: Server, profile: Any) -> None:
    context = profile(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/chat?commune=demo")
    page.get_by_role("button", name="Commencer").click()
    server.engine.delay = 3.5
    page.get_by_role("button", name=CARD).click()
    expect(page.get_by_text("Passerelle réfléchit…")).to_be_visible()
    expect(page.locator(".step")).to_contain_text("Étape 1 sur", timeout=15_000)


def test_the_script_takes_over_a_conversation_begun_without_it(
    server: Server, profile: Any
) -> None:
    plain = profile(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{server.url}/chat?commune=demo")
    page.get_by_role("button", name="Commencer").click()
    page.get_by_role("button", name=CARD).click()
    live = profile(storage_state=plain.storage_state())
    page = live.new_page()
    page.goto(f"{server.url}/chat?commune=demo")
    page.get_by_role("button", name="Pour moi (18 ans ou plus)").click()
    expect(page.locator("#news .step")).to_contain_text("Étape 2 sur")
    assert own(page) == [CARD, "Pour moi (18 ans ou plus)"]
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.get_by_role("status")).to_contain_text("Nouvelle conversation")
    assert page.locator(".message.resident").count() == 0
