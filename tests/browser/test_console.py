"""The console in a real browser: two counsellors, one resident, and everything they see live."""

from __future__ import annotations

import contextlib
import itertools
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.resident import Resident
from tests.support.service import PASSWORD, Server

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
expect = sync_api.expect

PROCEDURE = "caf-declaration-trimestrielle"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOST = "Un autre conseiller a déjà pris cette demande."
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
TOO_SMALL = """[...document.querySelectorAll("button, select, input, textarea, summary")]
    .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44)
    .map((e) => e.outerHTML)"""
_numbers = itertools.count()


@pytest.fixture
def resident(server: Server) -> Iterator[Resident]:
    """A person; leaves the queue at the end, so that each test finds it as it was."""
    person = Resident(server.url)
    yield person
    if person.events()[-1]["state"] == "waiting":
        person.write(choice="queue:leave")


@pytest.fixture
def desk(server: Server, profile: Any) -> Callable[..., Any]:
    """Opens the console as a new counsellor."""

    def open_desk(name: str = "Amina", size: dict[str, int] = DESK, role: str = "counsellor",
                  **more: Any) -> Any:  # fmt: skip
        email = f"b{next(_numbers)}@ville.fr"
        server.counsellor(email, name, role)
        page = profile(viewport=size, **more).new_page()
        page.goto(f"{server.url}/console/connexion")
        page.get_by_label("Adresse mail").fill(email)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url("**/console")
        return page

    return open_desk


def unique(words: str) -> str:
    """Returns words that no other test writes."""
    return f"{words} {uuid.uuid4().hex[:6]}"


def in_queue(page: Any, words: str) -> Any:
    return page.locator("#waiting li", has_text=words)


def check_axe(page: Any) -> None:
    """Fails with what a disabled person would stumble on."""
    found = axe.Axe().run(page, options={"runOnly": STANDARDS}).response
    assert not found["violations"], [
        (v["id"], [node["html"][:160] for node in v["nodes"]]) for v in found["violations"]
    ]


def test_two_counsellors_and_a_resident(
    server: Server, desk: Callable[..., Any], resident: Resident
) -> None:
    amina, karim = desk("Amina"), desk("Karim")
    words = unique("la page est blanche")
    resident.asks(PROCEDURE, words)
    # Both see the request at once, in the list and in the title.
    for page in (amina, karim):
        expect(in_queue(page, words)).to_be_visible()
        expect(page).to_have_title(re.compile(r"^\(\d+\) Demandes"))
    in_queue(karim, words).click()
    expect(karim.get_by_text("Étape bloquée")).to_be_visible()
    expect(karim.locator("#reply")).to_be_hidden()

    in_queue(amina, words).click()
    amina.get_by_role("button", name="Prendre la demande").click()
    expect(amina.locator("#words")).to_be_focused()
    # Nobody else can take it, and they see who has it.
    expect(karim.get_by_text("Amina suit cette demande")).to_be_visible()
    expect(karim.get_by_role("button", name="Prendre la demande")).to_be_hidden()
    resident.sees(lambda e: e["state"] == "counsellor" and "Amina" in e["text"])

    # Both ways; what is sent quickly arrives in order, once.
    for text in ("Bonjour, c'est Amina.", "Que voyez-vous en haut de l'écran ?"):
        amina.keyboard.type(text)
        amina.keyboard.press("Enter")
    resident.sees(lambda e: e["text"].startswith("Que voyez-vous"))
    said = [e["text"] for e in resident.events() if e["author"] == "counsellor"]
    assert said == ["Bonjour, c'est Amina.", "Que voyez-vous en haut de l'écran ?"]
    expect(amina.locator(".bubble.mine")).to_have_count(2)
    expect(amina.locator(".bubble.sending")).to_have_count(0)
    resident.http.post("/typing")
    expect(amina.get_by_text("L'habitant écrit…")).to_be_visible()
    resident.write(text="Il y a écrit erreur 504")
    expect(amina.get_by_role("log").get_by_text("erreur 504")).to_be_visible()
    expect(karim.get_by_role("log").get_by_text("erreur 504")).to_be_visible()
    amina.locator("#words").focus()
    with amina.expect_response("**/typing"):
        amina.keyboard.type("Je regarde")
    assert server.services.conversations.get(resident.keys["id"]).typing_author == "counsellor"

    # A note: the colleague reads it, the person never.
    amina.get_by_label("Ajouter une note").fill("Panne de la CAF ce matin")
    amina.get_by_role("button", name="Ajouter la note").click()
    expect(amina.locator("#notes")).to_contain_text("Panne de la CAF")
    assert "Panne de la CAF" not in resident.http.get("/events?after=0").text

    # Back to the assistant, at a chosen step.
    amina.locator("summary", has_text="Rendre à l'assistant").click()
    steps = amina.get_by_label("L'assistant reprend à l'étape")
    assert steps.locator("option:checked").inner_text().startswith("Actuelle")
    steps.select_option(index=3)
    chosen = steps.input_value()
    amina.get_by_role("button", name="Rendre à l'assistant").click()
    expect(amina.get_by_text("n'est plus en cours")).to_be_visible()
    assert resident.sees(lambda e: e["step"] == chosen)["author"] == "bot"
    amina.get_by_text("Terminées", exact=True).click()
    expect(amina.locator("#closed li").first).to_contain_text("rendue à l'assistant")


def test_a_claim_lost_to_a_colleague_is_said(desk: Callable[..., Any], resident: Resident) -> None:
    amina, karim = desk("Amina"), desk("Karim")
    words = unique("je suis perdu")
    resident.asks(PROCEDURE, words)
    in_queue(karim, words).click()
    take = karim.get_by_role("button", name="Prendre la demande")
    expect(take).to_be_visible()
    in_queue(amina, words).click()
    # Karim presses first, but his request is slow: Amina's overtakes it.
    held: list[Any] = []
    karim.route("**/api/tickets/*/claim", lambda route: held.append(route))
    take.click()
    amina.get_by_role("button", name="Prendre la demande").click()
    expect(amina.locator("#reply")).to_be_visible()
    held[0].continue_()
    expect(karim.get_by_role("alert")).to_have_text(LOST)
    expect(karim.locator("#reply")).to_be_hidden()


def test_transfer_release_and_end(desk: Callable[..., Any], resident: Resident) -> None:
    amina, karim = desk("Amina"), desk(name := unique("Karim"))
    words = unique("mon dossier est fermé")
    resident.asks(PROCEDURE, words)
    in_queue(amina, words).click()
    amina.get_by_role("button", name="Prendre la demande").click()
    amina.locator("summary", has_text="Remettre dans la file").click()
    amina.get_by_role("button", name="Remettre dans la file").click()
    expect(in_queue(karim, words)).to_be_visible()
    amina.get_by_role("button", name="Prendre la demande").click()
    amina.locator("summary", has_text="Transférer").click()
    amina.get_by_label("Collègue", exact=True).select_option(label=f"{name} (absent)")
    amina.get_by_role("button", name="Transférer", exact=True).click()
    resident.sees(lambda e: name in e["text"])
    expect(amina.get_by_text(f"{name} suit cette demande")).to_be_visible()
    karim.locator("#mine li", has_text=words).click()
    karim.get_by_label("Votre message").fill("Je prends la suite.")
    karim.get_by_role("button", name="Envoyer").click()
    resident.sees(lambda e: e["text"] == "Je prends la suite.")
    karim.locator("summary", has_text="Terminer").click()
    karim.get_by_role("button", name="Oui, terminer").click()
    resident.sees(lambda e: e["type"] == "state" and e["state"] == "bot")
    expect(karim.get_by_text("n'est plus en cours")).to_be_visible()


def test_presence_is_told_and_survives_a_reload(server: Server, desk: Callable[..., Any]) -> None:
    page = desk()
    switch = page.get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(page.get_by_text("Vous êtes noté absent")).to_be_visible()
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text("Vous êtes noté absent")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")


def test_what_people_write_is_never_read_as_html(
    desk: Callable[..., Any], resident: Resident
) -> None:
    page = desk()
    words = unique("<img src=x onerror=alert(1)><b>gras</b>")
    resident.asks(PROCEDURE, words)
    in_queue(page, words).click()
    expect(page.locator("#history").get_by_text(words)).to_be_visible()
    expect(page.locator("blockquote")).to_have_text(words)
    assert page.locator("main img, main b").count() == 0


def test_the_draft_stays_with_its_request(
    server: Server, desk: Callable[..., Any], resident: Resident
) -> None:
    page, second = desk(), Resident(server.url)
    first_words, second_words = unique("première"), unique("seconde")
    resident.asks(PROCEDURE, first_words)
    second.asks(PROCEDURE, second_words)
    for words in (first_words, second_words):
        in_queue(page, words).click()
        page.get_by_role("button", name="Prendre la demande").click()
        expect(page.locator("#words")).to_be_focused()
        page.keyboard.type(f"brouillon {words}")
    page.locator("#mine li", has_text=first_words).click()
    expect(page.locator("#words")).to_have_value(f"brouillon {first_words}")
    # The one who is not looked at calls.
    second.write(text="Vous êtes là ?")
    expect(page.locator("#mine li.awaits", has_text="Vous êtes là ?")).to_contain_text(
        "Réponse attendue"
    )


def test_an_ended_session_leads_to_the_sign_in_page(
    server: Server, desk: Callable[..., Any]
) -> None:
    page = desk()
    cookie = next(c for c in page.context.cookies() if c["name"] == "passerelle_counsellor")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    with page.expect_request("**/api/tickets/events"):
        page.reload()
    server.services.accounts.sign_out(cookie["value"])
    # The stream ends with the session: the page may have left before it can be pressed.
    with contextlib.suppress(sync_api.TimeoutError):
        page.get_by_role("switch").click(timeout=2_000)
    page.wait_for_url("**/console/connexion?fin=1")
    expect(page.get_by_text("Votre session est terminée")).to_be_visible()


def test_the_keyboard_alone_is_enough(desk: Callable[..., Any], resident: Resident) -> None:
    page = desk()
    words = unique("au clavier")
    resident.asks(PROCEDURE, words)
    expect(in_queue(page, words)).to_be_visible()

    def tab_to(target: Any) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if target.evaluate("e => e === document.activeElement"):
                return
        raise AssertionError(f"{target} cannot be reached")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Aller au contenu")).to_be_focused()
    tab_to(in_queue(page, words).locator("a"))
    page.keyboard.press("Enter")
    expect(page.locator("#talk-title")).to_be_focused()
    tab_to(page.locator("#claim"))
    page.keyboard.press("Enter")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("Bonjour")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("à vous")
    page.keyboard.press("Enter")
    assert resident.sees(lambda e: e["author"] == "counsellor")["text"] == "Bonjour\nà vous"
    tab_to(page.locator("summary", has_text="Terminer").first)
    page.keyboard.press("Enter")
    tab_to(page.get_by_role("button", name="Oui, terminer"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("n'est plus en cours")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_work_page_is_accessible(
    desk: Callable[..., Any], resident: Resident, size: dict[str, int], colours: str
) -> None:
    page = desk(size=size, role="supervisor", color_scheme=colours)
    words = unique("accessible")
    resident.asks(PROCEDURE, words)
    expect(in_queue(page, words)).to_be_visible()
    check_axe(page)
    in_queue(page, words).click()
    page.get_by_role("button", name="Prendre la demande").click()
    page.keyboard.type("Bonjour")
    page.keyboard.press("Enter")
    resident.write(text="Bonjour madame")
    expect(page.get_by_role("log").get_by_text("Bonjour madame")).to_be_visible()
    check_axe(page)
    if size is PHONE:
        page.get_by_role("button", name="Fiche").click()
    page.locator("summary", has_text="Rendre à l'assistant").click()
    check_axe(page)
    assert not page.evaluate(TOO_WIDE)
    assert not page.evaluate(TOO_SMALL)
    page.goto(page.url.split("?")[0] + "/supervision")
    check_axe(page)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_before_signing_in_are_accessible(
    server: Server, page: Any, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)
    key = server.services.accounts.invite("counsellor", "demo")
    for path in ("/console/connexion", f"/console/bienvenue?cle={key}", "/console/bienvenue?cle=x"):
        page.goto(server.url + path)
        check_axe(page)
    page.goto(f"{server.url}/console/connexion")
    page.get_by_label("Adresse mail").fill("personne@ville.fr")
    page.get_by_label("Mot de passe").fill("pas le bon")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("n'est pas le bon")
    check_axe(page)


def test_an_invited_person_starts_without_a_script(server: Server, profile: Any) -> None:
    key = server.services.accounts.invite("counsellor", "demo")
    context = profile(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/console/bienvenue?cle={key}")
    page.get_by_label("Votre nom").fill("Nour")
    page.get_by_label("Adresse mail").fill(f"nour{next(_numbers)}@mairie.fr")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    page.wait_for_url("**/console")
    assert "a besoin de JavaScript" in page.content()
    page.locator("summary", has_text="Nour").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/console/connexion")
    page.goto(f"{server.url}/console/bienvenue?cle={key}")
    expect(page.get_by_text("n'est plus valable")).to_be_visible()
