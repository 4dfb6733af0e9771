"""A local server that speaks the part of the Bot API that the channel uses.

It keeps Telegram's own promises: an update is delivered again until a later offset confirms it, a
message is in the chat only when it was accepted, limits of length are enforced. Failures are
planned with `fail`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.support.serving import SECONDS, Serving, bound, until

TOKEN = "123456:local-token-that-must-not-be-logged"
BOT = {"id": 123456, "is_bot": True, "first_name": "Passerelle", "username": "PasserelleBot"}
# Not any free port: during an outage, a client or a service could take it.
PORTS = range(8120, 8125)
# The answer is cut short: the client cannot know whether the call was accepted.
LOST = -1


@dataclass
class Call:
    """A call that reached the server; `answer` is the status that it got."""

    method: str
    parameters: dict[str, Any]
    answer: int = 200
    at: float = field(default_factory=time.monotonic)


@dataclass
class Failure:
    """A planned failure."""

    method: str
    code: int
    description: str
    parameters: dict[str, Any]
    times: int
    chat_id: int | None
    only_with: str | None


class BotApi:
    """The server, what it was asked, and what the chats show."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.chats: dict[int, list[dict[str, Any]]] = {}
        self.blocked_by: set[int] = set()
        self.webhook: dict[str, Any] = {}
        self._updates: list[dict[str, Any]] = []
        self._failures: list[Failure] = []
        self._next_update = 1000
        self._next_message = 1
        self._server: Serving | None = None
        self._stopping = False

    # --- the test's side ---------------------------------------------------------------------

    def start(self) -> None:
        """Telegram can be reached."""
        self._stopping = False
        # Back at the same address after an outage.
        ports = [int(self.url.rpartition(":")[2])] if self.url else PORTS
        self._server = Serving(self._app, bound(ports))
        self.url = self._server.url

    def stop(self) -> None:
        """Telegram cannot be reached."""
        self._stopping = True
        if self._server:
            self._server.stop()
            self._server = None

    def fail(
        self,
        method: str,
        code: int,
        description: str = "planned",
        times: int = 1,
        chat_id: int | None = None,
        only_with: str | None = None,
        **parameters: Any,
    ) -> None:
        """Plans failures of a method; `LOST` accepts the call and loses the answer."""
        self._failures.append(
            Failure(method, code, description, parameters, times, chat_id, only_with)
        )

    def new_update(self, **content: Any) -> dict[str, Any]:
        """Returns an update that was not delivered yet."""
        self._next_update += 1
        return {"update_id": self._next_update, **content}

    def deliver(self, update: dict[str, Any]) -> dict[str, Any]:
        """Puts an update where getUpdates finds it."""
        self._updates.append(update)
        return update

    def message(self, chat_id: int, text: str | None = None, **more: Any) -> dict[str, Any]:
        """Returns the update of a message in a chat; a negative chat is a group."""
        content: dict[str, Any] = {
            "message_id": self._message_id(),
            "date": 1_790_000_000,
            "chat": _chat(chat_id),
            "from": {"id": 77, "is_bot": False, "first_name": "Awa"},
            **more,
        }
        if text is not None:
            content["text"] = text
            if text.startswith("/"):
                length = len(text.split(" ")[0])
                content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return self.new_update(message=content)

    def write(self, chat_id: int, text: str) -> dict[str, Any]:
        """A person writes."""
        return self.deliver(self.message(chat_id, text))

    def press(self, chat_id: int, label: str) -> dict[str, Any]:
        """A person presses a button that is on their screen."""
        for shown in reversed(self.chats[chat_id]):
            for button in buttons(shown):
                if button["text"] == label:
                    return self.press_data(chat_id, button["callback_data"], shown)
        raise AssertionError(f"no such button: {label}")

    def press_data(
        self, chat_id: int, data: str, shown: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A person's client sends what a button carries."""
        shown = shown or self.chats[chat_id][-1]
        update = self.new_update(
            callback_query={
                "id": str(self._next_update),
                "from": {"id": 77, "is_bot": False, "first_name": "Awa"},
                "chat_instance": "1",
                "data": data,
                "message": {key: shown[key] for key in ("message_id", "date", "chat", "text")},
            }
        )
        return self.deliver(update)

    def membership(self, chat_id: int, before: str, after: str) -> dict[str, Any]:
        """A person blocks or unblocks the bot, or a group takes it in."""

        def member(status: str) -> dict[str, Any]:
            return {
                "user": BOT,
                "status": status,
                **({"until_date": 0} if status == "kicked" else {}),
            }

        return self.deliver(
            self.new_update(
                my_chat_member={
                    "chat": _chat(chat_id),
                    "from": {"id": 77, "is_bot": False, "first_name": "Awa"},
                    "date": 1_790_000_000,
                    "old_chat_member": member(before),
                    "new_chat_member": member(after),
                }
            )
        )

    def texts(self, chat_id: int) -> list[str]:
        """Returns what the bot said in a chat, as the person sees it."""
        return [shown["text"] for shown in self.chats.get(chat_id, [])]

    def wait_text(self, chat_id: int, part: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Waits for a message that contains these words."""
        found: dict[str, Any] = until(
            lambda: next((m for m in self.chats.get(chat_id, []) if part in m["text"]), None),
            seconds,
        )
        return found

    def asked(self, method: str, chat_id: int | None = None) -> list[Call]:
        """Returns the calls of a method."""
        return [
            call
            for call in list(self.calls)
            if call.method == method
            and (chat_id is None or call.parameters.get("chat_id") == chat_id)
        ]

    @property
    def all_confirmed(self) -> bool:
        """Whether no update waits for its confirmation."""
        return not self._updates

    # --- the bot's side ----------------------------------------------------------------------

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        _, _, rest = scope["path"].partition("/bot")
        token, _, method = rest.partition("/")
        parameters = _parameters(body)
        if token != TOKEN:
            status, answer = 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        else:
            status, answer = await self._call(method, parameters)
        await _respond(send, status, answer)

    async def _call(self, method: str, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        call = Call(method, parameters)
        self.calls.append(call)
        failure = self._planned(method, parameters)
        if failure and failure.code != LOST:
            call.answer = failure.code
            return _error(failure.code, failure.description, failure.parameters)
        handler = getattr(self, f"_{method}", None)
        result = await handler(parameters) if handler else True
        if isinstance(result, tuple):
            call.answer = result[0]
            return result
        if failure:
            call.answer = LOST
            return LOST, {}
        return 200, {"ok": True, "result": result}

    def _planned(self, method: str, parameters: dict[str, Any]) -> Failure | None:
        for failure in self._failures:
            if (
                failure.method == method
                and failure.times > 0
                and failure.chat_id in (None, parameters.get("chat_id"))
                and (failure.only_with is None or failure.only_with in parameters)
            ):
                failure.times -= 1
                return failure
        return None

    async def _getMe(self, parameters: dict[str, Any]) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False}

    async def _getUpdates(self, parameters: dict[str, Any]) -> Any:
        offset = parameters.get("offset") or 0
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        end = time.monotonic() + (parameters.get("timeout") or 0)
        while not self._updates and time.monotonic() < end and not self._stopping:
            await asyncio.sleep(0.02)
        return list(self._updates)

    async def _setWebhook(self, parameters: dict[str, Any]) -> Any:
        self.webhook = parameters
        return True

    async def _deleteWebhook(self, parameters: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _sendMessage(self, parameters: dict[str, Any]) -> Any:
        chat_id, text = parameters["chat_id"], parameters["text"]
        if chat_id in self.blocked_by:
            return _error(403, "Forbidden: bot was blocked by the user")
        if not 0 < len(text.encode("utf-16-le")) // 2 <= 4096:
            return _error(400, "Bad Request: message is too long")
        for button in buttons(parameters):
            if not 0 < len(button["callback_data"].encode()) <= 64:
                return _error(400, "Bad Request: BUTTON_DATA_INVALID")
        message = {
            "message_id": self._message_id(),
            "date": 1_790_000_000,
            "chat": _chat(chat_id),
            "from": BOT,
            "text": text,
        }
        if "reply_markup" in parameters:
            message["reply_markup"] = parameters["reply_markup"]
        self.chats.setdefault(chat_id, []).append(message)
        return message

    async def _editMessageReplyMarkup(self, parameters: dict[str, Any]) -> Any:
        for message in self.chats[parameters["chat_id"]]:
            if message["message_id"] == parameters["message_id"]:
                message.pop("reply_markup", None)
                return message
        return _error(400, "Bad Request: message to edit not found")

    def _message_id(self) -> int:
        self._next_message += 1
        return self._next_message


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the buttons under a message; each is alone in its row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    assert all(len(row) == 1 for row in rows)
    return [row[0] for row in rows]


def _chat(chat_id: int) -> dict[str, Any]:
    if chat_id < 0:
        return {"id": chat_id, "type": "group", "title": "Service"}
    return {"id": chat_id, "type": "private", "first_name": "Awa"}


def _error(
    code: int, description: str, parameters: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    answer: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return code, {**answer, "parameters": parameters} if parameters else answer


def _parameters(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in parse_qs(body.decode(), keep_blank_values=True).items():
        found[name] = values[0]
        if name not in ("text", "callback_query_id", "url", "secret_token"):
            with contextlib.suppress(ValueError):
                found[name] = json.loads(values[0])
    return found


async def _respond(send: Any, status: int, answer: dict[str, Any]) -> None:
    if status == LOST:
        # More is announced than comes: the client sees a broken connection.
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{"})
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
