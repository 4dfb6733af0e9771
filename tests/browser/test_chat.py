"""What a resident can rely on, seen from a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.service import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
pytest.importorskip("playwright.sync_api")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

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


# --- the conversation ---------------------------------------------------------------------------


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


# --- what can break -----------------------------------------------------------------------------


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


# --- coming back --------------------------------------------------------------------------------


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


# --- people -------------------------------------------------------------------------------------


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


# --- everybody ----------------------------------------------------------------------------------


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


# --- without a script ---------------------------------------------------------------------------


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


# --- the widget ---------------------------------------------------------------------------------


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
