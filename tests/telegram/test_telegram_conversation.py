"""What a person sees in their chat."""

from __future__ import annotations

from bot.conversation.inbox import MOST_CHARACTERS
from knowledge.texts import say
from tests.support.service import Server
from tests.support.serving import until
from tests.telegram.telegram_api import BotApi, buttons
from tests.telegram.telegram_service import LONG_CHOICE, claim

AWA, BRUNO, GROUP = 4_000_000_001, 42, -100_200


def test_start_opens_a_conversation_and_welcomes(api: BotApi, service: Server) -> None:
    api.write(AWA, "/start")
    api.wait_text(AWA, "Bonjour, je suis Passerelle, l'assistant numérique des agents")
    last = api.wait_text(AWA, "Que voulez-vous faire ?")
    assert buttons(last)
    conversation = service.services.conversations.by_external_id(f"telegram:{AWA}")
    assert (conversation.audience, conversation.channel) == ("agent", "telegram")
    assert len(api.texts(AWA)) == 2


def test_a_question_gets_its_answer_with_links_sources_and_buttons(
    api: BotApi, service: Server
) -> None:
    api.write(AWA, "partager un dossier")
    shown = api.wait_text(AWA, "Avec qui")
    assert shown["text"] == (
        "Avec qui <voulez-vous> partager & où ?\n\n"
        "Ouvrir le guide : https://www.numerique.gouv.fr/\n"
        "Source : Aide Nextcloud, https://docs.nextcloud.com/ (vérifié le 21/11/2026)"
    )
    assert [button["text"] for button in buttons(shown)] == ["Avec un collègue", "Revenir"]
    # The first words of a conversation are the welcome, whatever opened it.
    assert "Bonjour, je suis Passerelle" in api.texts(AWA)[0]
    assert "partager un dossier" not in api.texts(AWA)


def test_a_pressed_button_is_a_choice_even_with_a_long_id(api: BotApi, service: Server) -> None:
    assert len(LONG_CHOICE.encode()) > 64
    api.write(AWA, "partager un dossier")
    shown = api.wait_text(AWA, "Avec qui")
    api.press(AWA, "Avec un collègue")
    api.wait_text(AWA, f"Vous avez choisi : {LONG_CHOICE}")
    assert service.engine.asked[-1].choice == LONG_CHOICE
    until(lambda: not buttons(shown))
    assert len(api.asked("answerCallbackQuery")) == 1
    # The counsellors read the words of the button.
    conversation = service.services.conversations.by_external_id(f"telegram:{AWA}")
    events = service.services.conversations.events_after(conversation.id, 0)
    assert "Avec un collègue" in [e.text for e in events if e.author == "resident"]


def test_a_button_that_was_never_offered_is_refused(api: BotApi, service: Server) -> None:
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour")
    for data in ("answer:autre:chose", "#" + "0" * 40):
        api.press_data(AWA, data)
    calls = until(lambda: (c := api.asked("answerCallbackQuery")) and len(c) == 2 and c)
    assert all("n'est plus valable" in call.parameters["text"] for call in calls)
    assert not any(question.choice for question in service.engine.asked)


def test_commands(api: BotApi, service: Server) -> None:
    api.write(AWA, "/start")
    api.wait_text(AWA, "Que voulez-vous faire ?")
    api.write(AWA, "/aide")
    api.wait_text(AWA, "/humain : parler à un conseiller")
    api.write(AWA, "/code")
    conversation = service.services.conversations.by_external_id(f"telegram:{AWA}")
    api.wait_text(AWA, service.services.conversations.resume_code(conversation.id))
    api.write(AWA, "/nouveau")
    api.wait_text(AWA, "Vous avez choisi : act:restart")
    api.write(AWA, "/start")
    api.wait_text(AWA, "Vous avez choisi : act:greet")
    api.write(AWA, "/partager@PasserelleBot un fichier")
    api.wait_text(AWA, "Vous avez écrit : partager un fichier")
    api.write(AWA, "/humain")
    asked = api.wait_text(AWA, "ℹ️ Votre demande est gardée. Aucun conseiller n'est en ligne")
    assert [button["text"] for button in buttons(asked)] == ["Ne plus attendre"]


def test_only_text_is_read(api: BotApi, service: Server) -> None:
    for more in (
        {"photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}]},
        {"voice": {"file_id": "b", "file_unique_id": "b", "duration": 1}},
        {"document": {"file_id": "c", "file_unique_id": "c"}, "caption": "mon avis"},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
    ):
        api.deliver(api.message(AWA, **more))
    until(lambda: len(api.texts(AWA)) == 4)
    assert all("Je ne lis que le texte" in text for text in api.texts(AWA))
    assert not api.asked("getFile")
    assert service.services.conversations.by_external_id(f"telegram:{AWA}") is None


def test_a_group_is_refused_once(api: BotApi, service: Server) -> None:
    for text in ("/start", "bonjour", "encore"):
        api.write(GROUP, text)
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour")
    api.wait_text(GROUP, "conversation privée seulement")
    assert len(api.texts(GROUP)) == 1
    assert service.services.conversations.by_external_id(f"telegram:{GROUP}") is None


def test_the_refusals_of_the_service_are_told(api: BotApi, service: Server) -> None:
    api.write(AWA, "a" * (MOST_CHARACTERS + 1))
    api.wait_text(AWA, "Écrivez un message, de 2000 caractères au plus.")
    assert not service.engine.asked


def test_too_fast_is_told_and_the_keyboard_stays(api: BotApi, start) -> None:  # type: ignore[no-untyped-def]
    start(messages_per_minute=1)
    api.write(AWA, "partager un dossier")
    shown = api.wait_text(AWA, "Avec qui")
    api.press(AWA, "Revenir")
    call = until(lambda: api.asked("answerCallbackQuery"))[0]
    assert "trop rapide" in call.parameters["text"]
    assert buttons(shown)


def test_a_counsellor_joins_and_is_named(api: BotApi, service: Server) -> None:
    marie = service.counsellor("marie@ville.example")
    service.services.accounts.set_presence(marie, True)
    api.write(AWA, "conseiller")
    api.wait_text(AWA, "ℹ️ " + say("service.queue_first"))
    ticket = claim(service.services, marie)
    api.wait_text(AWA, "ℹ️ " + say("service.counsellor_joined", name="Marie"))
    service.services.desk.reply(marie, ticket, "Bonjour Awa.")
    api.wait_text(AWA, "👤 Marie vous écrit :\nBonjour Awa.")
    before = len(service.engine.asked)
    api.write(AWA, "Merci Marie")
    conversation = service.services.tickets.conversation_of(marie, ticket)
    until(
        lambda: any(
            event.text == "Merci Marie"
            for event in service.services.conversations.events_after(conversation, 0)
        )
    )
    service.services.desk.resolve(marie, ticket)
    api.wait_text(AWA, "ℹ️ " + say("service.resolved"))
    assert len(service.engine.asked) == before, "the bot answered in the counsellor's place"


def test_typing_shows_while_an_answer_is_awaited(api: BotApi, service: Server) -> None:
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour")
    service.engine.delay = 1.5
    api.write(AWA, "lent")
    api.wait_text(AWA, "Vous avez écrit : lent")
    actions = api.asked("sendChatAction", AWA)
    assert [call.parameters["action"] for call in actions] == ["typing"]


def test_typing_shows_while_a_counsellor_writes(api: BotApi, service: Server) -> None:
    api.write(AWA, "bonjour")
    api.wait_text(AWA, "Vous avez écrit : bonjour")
    conversation = service.services.conversations.by_external_id(f"telegram:{AWA}")
    service.services.conversations.typing(conversation.id, "counsellor")
    until(lambda: api.asked("sendChatAction", AWA))


def test_a_long_answer_comes_in_pieces_and_whole(api: BotApi, service: Server) -> None:
    api.write(AWA, "long")
    api.wait_text(AWA, "Ligne 100.")
    pieces = [text for text in api.texts(AWA) if "Ligne" in text]
    assert len(pieces) > 1
    numbers = [int(line.split()[1][:-1]) for line in "\n".join(pieces).splitlines()]
    assert numbers == list(range(1, 101))


def test_a_wordless_turn_is_not_silence(api: BotApi, service: Server) -> None:
    api.write(AWA, "muet")
    shown = api.wait_text(AWA, say("service.apology"))
    assert [button["text"] for button in buttons(shown)] == ["Parler à quelqu'un"]


def test_identifiers_are_masked_before_they_are_stored(api: BotApi, service: Server) -> None:
    api.write(AWA, "mon mail est awa@exemple.fr")
    until(lambda: service.engine.asked)
    assert "awa@exemple.fr" not in service.engine.asked[0].text


def test_two_people_do_not_see_each_other(api: BotApi, service: Server) -> None:
    api.write(AWA, "je suis Awa")
    api.write(BRUNO, "je suis Bruno")
    api.wait_text(AWA, "Vous avez écrit : je suis Awa")
    api.wait_text(BRUNO, "Vous avez écrit : je suis Bruno")
    assert not any("Bruno" in text for text in api.texts(AWA))
    assert not any("Awa" in text for text in api.texts(BRUNO))
