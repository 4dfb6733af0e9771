"""The channel's life: off, connecting, up, in error, closed; and what it never says."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from bot.channels.telegram import state
from bot.channels.telegram.discretion import quieten
from tests.support.service import Server
from tests.support.serving import until
from tests.telegram.telegram_api import TOKEN, BotApi

AWA = 41
Start = Callable[..., Server]
SECRET = "a-secret-of-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def is_up(service: Server) -> bool:
    """Tells whether the channel says so."""
    return state(service.services) == "up"


def test_without_a_token_nothing_happens(api: BotApi, start: Start) -> None:
    service = start(telegram_token="")
    assert state(service.services) == "off"
    assert httpx.post(f"{service.url}/telegram/webhook", json={}).status_code == 404
    time.sleep(0.5)
    assert not api.calls


def test_the_state_follows_the_channel(api: BotApi, start: Start) -> None:
    service = start()
    until(lambda: is_up(service))
    commands = until(lambda: api.asked("setMyCommands"))[0].parameters["commands"]
    assert [c["command"] for c in commands] == ["start", "aide", "nouveau", "humain", "code"]
    service.stop()
    assert state(service.services) == "off"


def test_telegram_down_at_the_start_does_not_stop_the_service(api: BotApi, start: Start) -> None:
    api.stop()
    before = time.monotonic()
    service = start()
    assert time.monotonic() - before < 8
    assert state(service.services) == "connecting"
    assert httpx.get(f"{service.url}/docs").status_code == 200
    api.start()
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour", 15)
    until(lambda: is_up(service))


def test_the_service_stops_quickly_while_telegram_is_down(api: BotApi, start: Start) -> None:
    api.stop()
    service = start()
    before = time.monotonic()
    service.stop()
    assert time.monotonic() - before < 5
    api.start()


def test_telegram_away_for_a_while(api: BotApi, start: Start) -> None:
    service = start()
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour")
    api.stop()
    until(lambda: state(service.services) == "error: network", 15)
    api.start()
    api.write(AWA, "de retour")
    api.wait_text(AWA, "Vous avez écrit : de retour", 20)
    until(lambda: is_up(service))


def test_a_second_poller_is_a_conflict_and_passes(api: BotApi, start: Start) -> None:
    api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=2)
    service = start()
    until(lambda: state(service.services) == "error: conflict")
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour", 15)
    until(lambda: is_up(service))


def test_a_refused_token_is_told_and_can_be_repaired(api: BotApi, start: Start) -> None:
    service = start(telegram_token="654321:another-one")
    until(lambda: state(service.services) == "error: token")


def test_a_token_refused_for_a_moment_does_not_end_polling(api: BotApi, start: Start) -> None:
    service = start()
    until(lambda: is_up(service) and api.asked("getUpdates"))
    api.fail("getUpdates", 401, "Unauthorized", times=1)
    api.write(AWA, "bonjour")
    until(lambda: state(service.services) == "error: token", 15)
    api.wait_text(AWA, "Vous avez écrit : bonjour", 15)
    until(lambda: is_up(service))


def test_an_unknown_commune_is_told(api: BotApi, start: Start) -> None:
    service = start(telegram_commune="nulle-part")
    assert state(service.services) == "error: commune"


def test_webhook(api: BotApi, start: Start) -> None:
    service = start(
        telegram_webhook_url="https://passerelle.ville.example", telegram_webhook_secret=SECRET
    )
    until(lambda: is_up(service))
    assert api.webhook["url"] == "https://passerelle.ville.example/telegram/webhook"
    assert api.webhook["secret_token"] == SECRET
    address = f"{service.url}/telegram/webhook"

    update = api.message(AWA, "bonjour")
    for headers in ({}, {HEADER: "wrong"}, {HEADER: "é".encode("latin-1")}):
        refused = httpx.post(address, json=update, headers=headers)
        assert refused.status_code == 403
        assert refused.json()["error"]["code"] == "forbidden"
    assert httpx.get(address).status_code in (404, 405)
    right = {HEADER: SECRET}
    assert httpx.post(address, content=b"{", headers=right).status_code == 422
    assert httpx.post(address, json=[1], headers=right).status_code == 422

    assert not service.engine.asked
    assert httpx.post(address, json=update, headers=right).status_code == 200
    # 200 means stored: at this moment, not later.
    conversation = service.services.conversations.by_external_id(f"telegram:{AWA}")
    events = service.services.conversations.events_after(conversation.id, 0)
    assert "bonjour" in [event.text for event in events if event.author == "resident"]
    api.wait_text(AWA, "Vous avez écrit : bonjour")
    assert httpx.post(address, json=update, headers=right).status_code == 200
    time.sleep(1.0)
    assert api.texts(AWA).count("Vous avez écrit : bonjour") == 1
    assert not api.asked("getUpdates")


def test_a_webhook_always_has_a_secret(api: BotApi, start: Start) -> None:
    service = start(telegram_webhook_url="https://passerelle.ville.example/telegram/webhook")
    until(lambda: is_up(service))
    assert api.webhook["url"] == "https://passerelle.ville.example/telegram/webhook"
    secret = api.webhook["secret_token"]
    assert len(secret) >= 32 and TOKEN not in secret
    address = f"{service.url}/telegram/webhook"
    update = api.message(AWA, "bonjour")
    assert httpx.post(address, json=update, headers={HEADER: ""}).status_code == 403
    assert httpx.post(address, json=update, headers={HEADER: secret}).status_code == 200


def test_updates_are_refused_until_the_channel_runs(api: BotApi, start: Start) -> None:
    api.stop()
    service = start(telegram_webhook_url="https://v.example", telegram_webhook_secret=SECRET)
    address = f"{service.url}/telegram/webhook"
    answer = httpx.post(address, json=api.message(AWA, "bonjour"), headers={HEADER: SECRET})
    assert answer.status_code == 503, "Telegram would not deliver it again"
    api.start()


def test_polling_takes_a_former_webhook_away(api: BotApi, start: Start) -> None:
    start()
    until(lambda: api.asked("deleteWebhook"))
    assert not api.asked("deleteWebhook")[0].parameters.get("drop_pending_updates")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What an operator who asked for everything finds in the log."""
    # Not caplog: it also listens to loggers that reach no log.
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def test_neither_tokens_nor_words_are_logged(
    api: BotApi, start: Start, logged: io.StringIO
) -> None:
    api.fail("sendMessage", 400, "Bad Request: can't parse « mots très secrets »", times=9)
    api.fail("getUpdates", 409, "Conflict", times=1)
    service = start()
    api.write(AWA, "mots très secrets")
    until(lambda: len(api.asked("sendMessage", AWA)) >= 4)
    service.stop()
    wrong = start(telegram_token="654321:wrong-and-secret")
    until(lambda: state(wrong.services) == "error: token")
    wrong.stop()
    api.stop()
    down = start()
    time.sleep(1.0)
    down.stop()
    api.start()
    text = logged.getvalue()
    assert "Telegram refused event" in text
    assert "Telegram: error: token" in text
    for secret in (TOKEN, TOKEN.partition(":")[2], "wrong-and-secret", "très secrets"):
        assert secret not in text


def test_the_words_of_an_error_of_the_library_are_not_logged(logged: io.StringIO) -> None:
    quieten()
    library = logging.getLogger("telegram.ext.Updater")
    try:
        raise ValueError("the token `1:abc` was rejected")
    except ValueError as error:
        library.critical("could not read %s", "des mots secrets", exc_info=error)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:abc/getMe")
    assert "telegram.ext.Updater" in logged.getvalue()
    assert "ValueError" in logged.getvalue()
    assert "1:abc" not in logged.getvalue()
    assert "secrets" not in logged.getvalue()
