"""What people send: each update becomes a message or a choice of the chat's conversation.

Everything that leads to an answer goes through the conversation, and so through the event table;
said directly are only the help, the code and refusals.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from telegram import CallbackQuery, ChatMember, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.channels.telegram.buttons import choice_of
from bot.channels.telegram.delivery import Deliveries
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.store import CHANNEL, Chats, external_id
from bot.conversation.choices import UnknownChoice
from bot.errors import ServiceError
from bot.services import Services
from knowledge.texts import say

log = logging.getLogger("passerelle.telegram")

P = ParamSpec("P")
T = TypeVar("T")
AnyApplication = Application[Any, Any, Any, Any, Any, Any]
Context = CallbackContext[Any, Any, Any, Any]

AUDIENCE = "agent"
COMMANDS = ("start", "aide", "nouveau", "humain", "code")
UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER)
DATABASE_TRIES = 3
# A group is told once that we do not answer there, then left in peace for a while.
GROUP_SILENCE_SECONDS = 600.0
MOST_GROUPS = 1000


class Incoming:
    """The handlers of updates.

    Args:
        services: The parts of the service.
        chats: The chats' cursors.
        sender: For what is said directly.
        deliveries: To be told that an answer is to be expected.
    """

    def __init__(
        self, services: Services, chats: Chats, sender: Sender, deliveries: Deliveries
    ) -> None:
        self._services = services
        self._conversations = services.conversations
        self._inbox = services.inbox
        self._chats = chats
        self._sender = sender
        self._deliveries = deliveries
        self._groups: dict[int, float] = {}

    def add_to(self, application: AnyApplication) -> None:
        """Adds the handlers; of a group's handlers the first that fits an update takes it."""
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        handlers: Sequence[BaseHandler[Any, Any, Any]] = (
            MessageHandler(filters.ChatType.GROUPS & filters.TEXT, self._group),
            CommandHandler("start", self._start, private),
            CommandHandler(("aide", "help"), self._help, private),
            CommandHandler("nouveau", self._restart, private),
            CommandHandler("humain", self._human, private),
            CommandHandler("code", self._code, private),
            MessageHandler(private & filters.TEXT, self._text),
            MessageHandler(private & ~filters.StatusUpdate.ALL, self._not_text),
            CallbackQueryHandler(self._button),
            ChatMemberHandler(self._membership, ChatMemberHandler.MY_CHAT_MEMBER),
        )
        application.add_handlers(handlers)
        application.add_error_handler(self._failed)

    # --- messages ----------------------------------------------------------------------------

    async def _text(self, update: Update, context: Context) -> None:
        message = update.effective_message
        assert message is not None
        await self._receive(update, text=plain(message.text or "", context.bot.username))

    async def _restart(self, update: Update, context: Context) -> None:
        await self._receive(update, choice="act:restart")

    async def _human(self, update: Update, context: Context) -> None:
        await self._receive(update, choice="act:human")

    async def _start(self, update: Update, context: Context) -> None:
        chat_id = _chat_id(update)
        known = await self._try(self._conversations.by_external_id, external_id(chat_id))
        if known is None:
            # The welcome is the first event of a new conversation.
            self._deliveries.poke(await self._try(self._conversation, chat_id, update.update_id))
        elif not await self._try(self._chats.was_opened_by, known.id, update.update_id):
            await self._receive(update, choice="act:greet")

    async def _help(self, update: Update, context: Context) -> None:
        commune = self._services.communes[self._services.settings.telegram_commune]
        self._say(context, update, say("telegram.help", human_hours=commune.hours_text))

    async def _code(self, update: Update, context: Context) -> None:
        conversation_id = await self._try(self._conversation, _chat_id(update), update.update_id)
        code = self._conversations.resume_code(conversation_id)
        self._say(context, update, say("telegram.code", code=code))
        self._deliveries.poke(conversation_id)

    async def _not_text(self, update: Update, context: Context) -> None:
        self._say(context, update, say("telegram.only_text"))

    async def _receive(
        self, update: Update, text: str | None = None, choice: str | None = None
    ) -> None:
        """Stores a message; Telegram may deliver an update twice, it is stored once."""
        chat_id = _chat_id(update)
        conversation_id = await self._try(self._conversation, chat_id, update.update_id)
        await self._try(
            self._inbox.receive, conversation_id, f"tg-{update.update_id}", text, choice
        )
        self._deliveries.poke(conversation_id)

    def _conversation(self, chat_id: int, update_id: int) -> str:
        """Returns the id of a chat's conversation, opened if need be."""
        address = external_id(chat_id)
        known = self._conversations.by_external_id(address)
        if known is not None:
            self._chats.attach(known.id, chat_id)
            return known.id
        try:
            commune = self._services.settings.telegram_commune
            opened = self._conversations.open(commune, AUDIENCE, CHANNEL, address)
        except IntegrityError:
            # Another process has just opened it.
            return self._conversation(chat_id, update_id)
        self._chats.attach(opened.id, chat_id, opened_by=update_id)
        return opened.id

    # --- buttons -----------------------------------------------------------------------------

    async def _button(self, update: Update, context: Context) -> None:
        query = update.callback_query
        assert query is not None
        chat = query.message.chat if query.message else None
        if chat is None or chat.type != ChatType.PRIVATE:
            self._later(context, update, _answer(query))
            return
        refusal, is_used = await self._choose(update, chat.id, query.data or "")
        self._later(context, update, _answer(query, refusal))
        if is_used:
            self._later(context, update, _take_keyboard_off(query))

    async def _choose(self, update: Update, chat_id: int, data: str) -> tuple[str | None, bool]:
        """Receives a choice; returns why it was refused, and whether the buttons are spent."""
        known = await self._try(self._conversations.by_external_id, external_id(chat_id))
        if known is None:
            return say("telegram.old_button"), True
        offered = await self._try(self._chats.offered, known.id)
        choice = choice_of(data, offered)
        if not choice:
            return say("telegram.old_button"), True
        try:
            await self._receive(update, choice=choice)
        except UnknownChoice:
            return say("telegram.old_button"), True
        except ServiceError as error:
            return error.message, False
        return None, True

    # --- chats -------------------------------------------------------------------------------

    async def _group(self, update: Update, context: Context) -> None:
        chat_id, moment = _chat_id(update), time.monotonic()
        if moment - self._groups.get(chat_id, -GROUP_SILENCE_SECONDS) < GROUP_SILENCE_SECONDS:
            return
        if len(self._groups) >= MOST_GROUPS:
            self._groups.clear()
        self._groups[chat_id] = moment
        self._say(context, update, say("telegram.group"))

    async def _membership(self, update: Update, context: Context) -> None:
        changed = update.my_chat_member
        assert changed is not None
        is_out = changed.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
        if changed.chat.type == ChatType.PRIVATE:
            await self._try(self._chats.block, changed.chat.id, is_out)
        elif not is_out and changed.old_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT):
            await self._group(update, context)

    # --- pieces ------------------------------------------------------------------------------

    async def _failed(self, update: object, context: Context) -> None:
        """Tells the person that their message was not kept, and why when that is known."""
        error = context.error
        if not isinstance(error, ServiceError):
            log.error("an update failed: %s", type(error).__name__)
        if not isinstance(update, Update) or update.effective_chat is None:
            return
        if update.effective_chat.type == ChatType.PRIVATE and not update.my_chat_member:
            text = error.message if isinstance(error, ServiceError) else say("telegram.failed")
            self._say(context, update, text)

    def _say(self, context: Context, update: Update, text: str) -> None:
        self._later(context, update, self._sender.say(_chat_id(update), text))

    def _later(self, context: Context, update: Update, work: Any) -> None:
        # Updates are dealt with one after the other: none waits for Telegram's answer to another.
        context.application.create_task(work, update=update)

    async def _try(self, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Runs a transaction in a thread, again when the database was away for a moment."""
        for pause in range(1, DATABASE_TRIES):
            try:
                return await asyncio.to_thread(work, *args, **more)
            except OperationalError as error:
                log.warning("an update waits for the database: %s", type(error).__name__)
                await self._sender.pause(pause)
        return await asyncio.to_thread(work, *args, **more)


def plain(text: str, username: str) -> str:
    """Returns a text without the slash of a command that does not exist."""
    if not text.startswith("/"):
        return text
    command, space, rest = text.lstrip("/").partition(" ")
    name, _, addressee = command.partition("@")
    return (name if addressee.lower() == username.lower() else command) + space + rest


def _chat_id(update: Update) -> int:
    assert update.effective_chat is not None
    return update.effective_chat.id


async def _answer(query: CallbackQuery, text: str | None = None) -> None:
    try:
        await query.answer(text, show_alert=text is not None)
    except TelegramError as error:
        # Too old to be answered, most often.
        log.info("a button was not acknowledged: %s", type(error).__name__)


async def _take_keyboard_off(query: CallbackQuery) -> None:
    try:
        await query.edit_message_reply_markup(None)
    except TelegramError as error:
        log.info("a keyboard stays: %s", type(error).__name__)
