"""The residents' pages over HTTP: what is served, to whom, and the path without a script."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.dialogue.port import EngineUnavailable
from tests.support.resident import client as new_client
from tests.support.service import Server, running

BROWSER = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Site": "same-origin"}
PLACE = {"commune": "demo", "audience": "resident"}
COMMUNE = """
name: Ville <Test>
accent: "#7a1f3d"
logo: {logo}
hours_text: "Un conseiller répond le lundi, de 9 h à 12 h."
absence_text: "Revenez lundi."
hours: {{monday: ["09:00-12:00"]}}
sites: ["https://www.ville.test", "https://agenda.ville.test"]
"""


def write_communes(tmp_path: Path) -> Path:
    folder = tmp_path / "communes"
    folder.mkdir()
    (folder / "demo.yml").write_text(COMMUNE.format(logo="null"), encoding="utf-8")
    (folder / "logo.yml").write_text(COMMUNE.format(logo="logo.svg"), encoding="utf-8")
    (folder / "away.yml").write_text(COMMUNE.format(logo="../secret.svg"), encoding="utf-8")
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (tmp_path / "secret.svg").write_text("<svg/>", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("pages")
    with running(var, communes=write_communes(var)) as server:
        yield server


@pytest.fixture
def client(server: Server) -> httpx.Client:
    """A browser without a cookie."""
    return new_client(server.url, headers=BROWSER, follow_redirects=True)


def policy(client: httpx.Client, path: str) -> dict[str, list[str]]:
    rules = client.get(path).headers["content-security-policy"].split(";")
    return {rule.split()[0]: rule.split()[1:] for rule in rules}


def nonce(html: str) -> str:
    return re.findall(r'name="nonce" value="(\w+)"', html)[0]


def test_the_conversation_page_can_be_framed_by_the_commune_alone(client: httpx.Client) -> None:
    rules = policy(client, "/chat?commune=demo")
    assert rules["frame-ancestors"] == [
        "'self'",
        "https://www.ville.test",
        "https://agenda.ville.test",
    ]
    assert rules["default-src"] == rules["base-uri"] == ["'none'"]
    for kind in ("script-src", "style-src", "img-src", "connect-src", "form-action"):
        assert rules[kind] == ["'self'"]


@pytest.mark.parametrize("path", ["/", "/chat?commune=demo"])
def test_no_page_has_inline_style_or_script_or_a_foreign_address(
    client: httpx.Client, path: str
) -> None:
    html = client.get(path).text
    assert '<html lang="fr">' in html
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in s or "application/json" in s for s in scripts)
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', html)
    assert loaded and all(address.startswith("/") for address in loaded)
    for address in loaded:
        assert client.get(address.replace("&amp;", "&")).status_code == 200


def test_the_demonstration_page_has_the_widget(client: httpx.Client) -> None:
    assert '<script src="/widget.js" data-commune="demo" defer>' in client.get("/").text
    assert policy(client, "/")["frame-ancestors"] == ["'none'"]


def test_the_widget_is_small_and_whole(client: httpx.Client) -> None:
    answer = client.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content)) < 10_000
    assert "{css}" not in answer.text and ".open" in answer.text
    assert not re.search(r"\beval\(|new Function|innerHTML|cssText", answer.text)


def test_the_conversation_page_weighs_less_than_60_kb(client: httpx.Client) -> None:
    page = client.get("/chat")
    parts = set(re.findall(r'(?:src|href)="(/(?:static|chat/theme)[^"]+)"', page.text))
    assert {"/static/chat.js", "/static/chat.css"} <= parts
    weight = len(page.content) + sum(len(client.get(part).content) for part in parts)
    assert weight < 60_000


def test_every_module_is_announced_and_served(client: httpx.Client) -> None:
    """A module that is not preloaded costs one more round trip on a slow phone."""
    page = client.get("/chat").text
    imported = set()
    for name in ("chat", "menu", "outbox", "render", "store", "stream", "status", "embedded"):
        imported |= set(re.findall(r'from "\./(\w+)\.js"', client.get(f"/static/{name}.js").text))
    assert imported
    assert all(f'modulepreload" href="/static/{name}.js"' in page for name in imported)


def test_the_colour_of_the_commune_comes_as_a_style_sheet(client: httpx.Client) -> None:
    answer = client.get("/chat/theme.css?commune=demo")
    assert answer.headers["content-type"].startswith("text/css")
    assert "--accent:#7a1f3d" in answer.text
    assert client.get("/chat/theme.css?commune=nowhere").status_code == 422


def test_a_logo_is_served_from_the_communes_folder_only(client: httpx.Client) -> None:
    assert client.get("/chat/logo?commune=logo").headers["content-type"] == "image/svg+xml"
    assert '<img src="/chat/logo?commune=logo"' in client.get("/chat?commune=logo").text
    assert client.get("/chat/logo?commune=away").status_code == 404
    assert client.get("/chat/logo?commune=demo").status_code == 404


def test_what_a_commune_is_called_is_never_markup(client: httpx.Client) -> None:
    html = client.get("/chat").text
    assert "Ville &lt;Test&gt;" in html and "<Test>" not in html


def test_people_get_a_page_and_programs_get_json(client: httpx.Client) -> None:
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "Page introuvable" in page.text and "Revenir à l'accueil" in page.text.replace(
        "&#39;", "'"
    )
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert client.get("/nowhere", headers={"Accept": "*/*"}).json()["error"]["code"] == "not_found"
    assert client.get("/api/nowhere").json()["error"]["code"] == "not_found"
    assert client.get("/chat?commune=nowhere").status_code == 422


def test_looking_sets_no_cookie_and_opens_nothing(client: httpx.Client) -> None:
    answer = client.get("/chat")
    assert "set-cookie" not in answer.headers
    assert "Commencer" in answer.text and "Je suis un programme" in answer.text
    assert "Actualiser" not in answer.text


def test_a_procedure_without_a_script(client: httpx.Client) -> None:
    begun = client.post("/chat", data=PLACE, follow_redirects=False)
    assert begun.status_code == 303
    assert begun.headers["location"] == "/chat?commune=demo&audience=resident#latest"
    cookie = begun.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=lax", "path=/chat"))
    opened = client.post("/chat", data={**PLACE, "choice": "open:ants-carte-identite"})
    assert opened.url.path == "/chat"
    assert "Étape 1 sur" in opened.text
    buttons = re.findall(r'name="choice" value="(answer:[^"]+)"', opened.text)
    assert buttons
    nextly = client.post("/chat", data={**PLACE, "choice": buttons[0]})
    assert "Étape 2 sur" in nextly.text
    # Only the latest question has buttons.
    assert f'value="{buttons[0]}"' not in nextly.text
    assert re.search(r"vérifiée?s? le \d{1,2}(er)? \w+ 20\d\d", nextly.text)


def test_the_same_form_sent_twice_is_one_message(client: httpx.Client) -> None:
    page = client.post("/chat", data=PLACE).text
    form = {**PLACE, "nonce": nonce(page), "choice": "act:human"}
    client.post("/chat", data=form)
    again = client.post("/chat", data=form).text
    assert again.count('class="message resident"') == 1
    other = client.post("/chat", data={**form, "choice": "", "message": "et la suite"}).text
    assert other.count('class="message resident"') == 2


def test_the_page_refreshes_itself_only_while_an_answer_is_awaited(
    client: httpx.Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/chat", data=PLACE)
    monkeypatch.setattr(server.engine, "fails", EngineUnavailable("away"))
    waiting = client.post("/chat", data={**PLACE, "message": "bonjour"}).text
    refresh = re.findall(r'<noscript><meta http-equiv="refresh" content="3;url=([^"]+)"', waiting)
    assert refresh and "bonjour" in waiting
    # The same address with a fragment would only scroll: each refresh must ask for another.
    later = re.findall(r'content="3;url=([^"]+)"', client.get("/chat").text)
    assert later != refresh
    client.cookies.clear()
    assert "http-equiv" not in client.post("/chat", data=PLACE).text


def test_a_code_brings_the_conversation_back(client: httpx.Client) -> None:
    page = client.post("/chat", data={**PLACE, "choice": "open:ants-carte-identite"}).text
    code = re.findall(r'class="code">([A-Z0-9-]{11})<', page)[0]
    client.cookies.clear()
    wrong = client.post("/chat", data={**PLACE, "code": "AAAAA-AAAAA"})
    assert wrong.status_code == 404 and "Ce code ne correspond" in wrong.text
    assert "Étape 1 sur" in client.post("/chat", data={**PLACE, "code": code.lower()}).text


def test_a_new_conversation_forgets_the_old_one(client: httpx.Client) -> None:
    client.post("/chat", data={**PLACE, "choice": "open:ants-carte-identite"})
    fresh = client.post("/chat", data={**PLACE, "fresh": "1"})
    assert "Commencer" in fresh.text and "Étape" not in fresh.text
    assert not client.cookies


def test_a_refused_message_is_said_and_kept(client: httpx.Client) -> None:
    answer = client.post("/chat", data={**PLACE, "message": "x" * 2001})
    assert answer.status_code == 422
    assert "2000 caractères au plus" in answer.text.replace("\u00a0", " ")
    assert "x" * 2001 in answer.text
    unknown = client.post("/chat", data={**PLACE, "choice": "open:nothing"})
    assert unknown.status_code == 422 and "bouton" in unknown.text


def test_a_rating_without_a_script(client: httpx.Client) -> None:
    client.post("/chat", data=PLACE)
    assert client.post("/chat", data={**PLACE, "score": "5"}).status_code == 200
    assert client.post("/chat", data={**PLACE, "score": "9"}).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_another_site_cannot_write_for_the_resident(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    answer = client.post("/chat", data=PLACE, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_an_old_browser_without_fetch_metadata_can_write(
    client: httpx.Client, server: Server
) -> None:
    headers = {"Sec-Fetch-Site": "", "Origin": server.url}
    assert client.post("/chat", data=PLACE, headers=headers).status_code == 200


def test_opening_by_form_has_the_same_limit_as_the_api(
    client: httpx.Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.services.settings, "conversations_per_minute", 0)
    assert client.post("/chat", data=PLACE).status_code == 429
