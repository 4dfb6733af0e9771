"""Nothing lost, nothing twice, nobody in another's way."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.channels.telegram.store import Chats
from bot.database import migrate
from bot.database.engine import Database
from tests.support.service import Server, assembled, configured
from tests.support.serving import until
from tests.telegram.telegram_api import LOST, BotApi
from tests.telegram.telegram_service import LONG_CHOICE, EchoEngine, claim, on_telegram

AWA, BRUNO = 41, 42
Start = Callable[..., Server]
BONJOUR = "Vous avez écrit : bonjour"


def settled(api: BotApi, seconds: float = 2.5) -> None:
    """Leaves time for what must not happen: two rounds of the dispatcher."""
    time.sleep(seconds)


def test_a_restart_loses_nothing_and_repeats_nothing(api: BotApi, start: Start) -> None:
    first = start()
    api.write(AWA, "partager un dossier")
    api.wait_text(AWA, "Avec qui")
    first.stop()
    said = len(api.texts(AWA))
    api.write(AWA, "écrit pendant l'arrêt")
    start()
    api.wait_text(AWA, "Vous avez écrit : écrit pendant l'arrêt")
    settled(api)
    assert len(api.texts(AWA)) == said + 1
    # A button whose id travelled as a digest still works.
    api.press(AWA, "Avec un collègue")
    api.wait_text(AWA, f"Vous avez choisi : {LONG_CHOICE}")


def test_words_written_while_the_service_is_down_arrive_after(api: BotApi, start: Start) -> None:
    first = start()
    marie = first.counsellor("marie@ville.example")
    api.write(AWA, "conseiller")
    api.wait_text(AWA, "Votre demande est gardée")
    ticket = claim(first.services, marie)
    api.wait_text(AWA, "Marie a rejoint")
    first.stop()
    said = len(api.texts(AWA))
    for number in range(3):
        first.services.desk.reply(marie, ticket, f"Réponse {number}")
    first.services.database.close()
    start()
    api.wait_text(AWA, "Réponse 2")
    settled(api)
    assert [text[-9:] for text in api.texts(AWA)[said:]] == [f"Réponse {n}" for n in range(3)]


def test_a_killed_process_loses_nothing_and_repeats_nothing(api: BotApi, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.telegram.telegram_service", str(tmp_path), api.url]

    def run() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=root)

    process = run()
    try:
        api.write(AWA, "bonjour")
        api.wait_text(AWA, BONJOUR, 60)
        api.write(BRUNO, "long")
        api.wait_text(BRUNO, "Ligne 100.")
        database = Database(configured(tmp_path).database)
        # Between a send and its commit a double is allowed; here nothing is under way.
        until(lambda: api.all_confirmed and not Chats(database, str).due())
        database.close()
        process.kill()
        process.wait()
        said = {chat: len(api.texts(chat)) for chat in (AWA, BRUNO)}
        api.write(AWA, "écrit pendant la panne")
        process = run()
        api.wait_text(AWA, "Vous avez écrit : écrit pendant la panne", 60)
        settled(api)
        assert len(api.texts(AWA)) == said[AWA] + 1
        assert len(api.texts(BRUNO)) == said[BRUNO]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_an_update_delivered_twice_is_stored_once(api: BotApi, service: Server) -> None:
    start = api.write(AWA, "/start")
    api.wait_text(AWA, "Que voulez-vous faire ?")
    question = api.write(AWA, "bonjour")
    api.wait_text(AWA, BONJOUR)
    said = len(api.texts(AWA))
    for update in (start, question):
        until(lambda: api.all_confirmed)
        api.deliver(update)
    until(lambda: api.all_confirmed)
    settled(api)
    assert len(api.texts(AWA)) == said
    assert len(service.engine.asked) == 1


def test_an_update_is_confirmed_only_once_it_is_stored(api: BotApi, service: Server) -> None:
    with service.services.database.write():  # nobody else can write meanwhile
        api.write(AWA, "bonjour")
        settled(api, 1.0)
        assert not api.all_confirmed
    api.wait_text(AWA, BONJOUR)
    until(lambda: api.all_confirmed)


def test_a_limit_of_rate_is_honoured_and_delays_nobody_else(api: BotApi, service: Server) -> None:
    api.fail("sendMessage", 429, "Too Many Requests", chat_id=AWA, retry_after=3)
    api.write(AWA, "bonjour")
    api.write(BRUNO, "bonjour")
    api.wait_text(BRUNO, BONJOUR, 2.5)
    assert not api.texts(AWA)
    api.wait_text(AWA, BONJOUR)
    calls = api.asked("sendMessage", AWA)
    assert calls[0].answer == 429
    assert calls[1].at - calls[0].at >= 3
    assert [call.answer for call in calls[1:]] == [200] * 3
    assert "Bonjour, je suis Passerelle" in api.texts(AWA)[0], "out of order"


def test_a_person_who_blocked_the_bot_stops_nobody_and_comes_back(
    api: BotApi, service: Server
) -> None:
    api.blocked_by.add(AWA)
    api.write(AWA, "bonjour")
    api.write(BRUNO, "bonjour")
    api.wait_text(BRUNO, BONJOUR)
    until(lambda: api.asked("sendMessage", AWA))
    settled(api)
    assert len(api.asked("sendMessage", AWA)) == 1, "it insists"
    api.blocked_by.remove(AWA)
    api.membership(AWA, "kicked", "member")
    api.wait_text(AWA, BONJOUR)
    assert len(api.texts(AWA)) == 3


def test_a_block_told_by_telegram_stops_deliveries(api: BotApi, service: Server) -> None:
    marie = service.counsellor("marie@ville.example")
    api.write(AWA, "conseiller")
    api.wait_text(AWA, "Votre demande est gardée")
    api.membership(AWA, "member", "kicked")
    until(lambda: api.all_confirmed)
    calls = len(api.asked("sendMessage", AWA))
    claim(service.services, marie)
    settled(api)
    assert len(api.asked("sendMessage", AWA)) == calls
    api.write(AWA, "/start")
    api.wait_text(AWA, "Marie a rejoint")


def test_a_refused_message_is_skipped_after_a_few_tries(api: BotApi, service: Server) -> None:
    api.write(AWA, "bonjour")
    api.wait_text(AWA, BONJOUR)
    api.fail("sendMessage", 400, "Bad Request: something", times=3, chat_id=AWA)
    api.write(AWA, "refusé")
    until(lambda: [c.answer for c in api.asked("sendMessage", AWA)].count(400) == 3)
    api.write(AWA, "encore")
    api.wait_text(AWA, "Vous avez écrit : encore")
    assert not any("refusé" in text for text in api.texts(AWA))


def test_refused_buttons_do_not_take_the_words_with_them(api: BotApi, service: Server) -> None:
    api.fail(
        "sendMessage", 400, "Bad Request: BUTTON_DATA_INVALID", times=9, only_with="reply_markup"
    )
    api.write(AWA, "partager un dossier")
    shown = api.wait_text(AWA, "Avec qui", 20)
    assert "reply_markup" not in shown


def test_errors_of_telegram_are_retried_in_order(api: BotApi, service: Server) -> None:
    api.fail("sendMessage", 502, "Bad Gateway", times=2, chat_id=AWA)
    api.write(AWA, "bonjour")
    api.wait_text(AWA, BONJOUR)
    assert len(api.texts(AWA)) == 3
    assert "Bonjour, je suis Passerelle" in api.texts(AWA)[0]


def test_an_answer_lost_by_the_network_costs_a_double_never_a_loss(
    api: BotApi, service: Server
) -> None:
    api.write(AWA, "bonjour")
    api.wait_text(AWA, BONJOUR)
    api.fail("sendMessage", LOST, chat_id=AWA)
    api.write(AWA, "perdu")
    until(lambda: api.texts(AWA).count("Vous avez écrit : perdu") == 2)
    api.write(AWA, "ensuite")
    api.wait_text(AWA, "Vous avez écrit : ensuite")
    assert api.texts(AWA).count("Vous avez écrit : perdu") == 2


def test_a_piece_is_sent_by_one_process_only(api: BotApi, start: Start) -> None:
    # Two processes on one database, as during a rolling restart; the second one is told 409.
    start()
    start()
    for chat in range(1, 6):
        api.write(chat, "long")
    for chat in range(1, 6):
        api.wait_text(chat, "Ligne 100.", 20)
    settled(api)
    for chat in range(1, 6):
        assert len(set(api.texts(chat))) == len(api.texts(chat))


def test_a_conversation_opened_just_before_a_crash_is_delivered(
    api: BotApi, start: Start, tmp_path: Path
) -> None:
    services = assembled(configured(tmp_path, **on_telegram(api.url)), EchoEngine())
    migrate.upgrade(services.database)
    services.conversations.open("demo", "agent", "telegram", f"telegram:{AWA}")
    services.database.close()
    start()
    api.wait_text(AWA, "Que voulez-vous faire ?")
