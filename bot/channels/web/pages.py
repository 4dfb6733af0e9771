"""The residents' pages: the conversation, the demonstration page, the widget's script.

The conversation page is a plain form that works without a script; `static/chat.js` makes it live.
Only the form path uses a cookie: the script keeps the same key in the browser's storage.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel

from bot.channels.web import assets
from bot.channels.web.api import limit as limit_openings
from bot.channels.web.assets import DEMO, commune_of
from bot.channels.web.requests import services_of
from bot.channels.web.typeset import FILTERS, texts
from bot.commune.model import Commune
from bot.conversation.inbox import MOST_CHARACTERS
from bot.database.models import Conversation, ConversationState
from bot.errors import Forbidden, ServiceError
from bot.services import Services
from knowledge.texts import label, say

HERE = Path(__file__).parent
COOKIE = "passerelle_conversation"
# How long the form path waits for the answer before it shows the page without it.
ANSWER_SECONDS = 2.5
TOOLS = ("back", "simplify", "documents", "human")
SCORES = range(1, 6)
_CHAT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
_PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)
router.include_router(assets.router)
mount_static = assets.mount_static
templates = Jinja2Templates(directory=HERE / "templates")
templates.env.filters.update(FILTERS)


class Fields(BaseModel):
    """What a form of the conversation page sends; every button fills one field."""

    commune: str = DEMO
    audience: str = "resident"
    nonce: str = ""
    message: str = ""
    choice: str = ""
    code: str = ""
    score: int | None = None
    fresh: bool = False


def wants_page(request: Request) -> bool:
    """Tells whether a browser navigates here, rather than a program."""
    path = request.url.path
    in_api = path == "/api" or path.startswith("/api/")
    return not in_api and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, error: ServiceError) -> Response:
    """Returns an error as a page for people."""
    said = texts()["errors"]
    titles = said["titles"]
    context = {
        "error": error,
        "title": titles.get(error.code, titles["other"]),
        "message": said.get(error.code, error.message),
        "home": "/console" if request.url.path.startswith("/console") else "/",
    }
    policy = _PAGE_CSP
    if request.url.path == "/chat":
        # It may be the widget's frame: there too, the error must be readable.
        policy = _CHAT_CSP + _hosts(
            services_of(request).communes.get(request.query_params.get("commune", DEMO))
        )
    return templates.TemplateResponse(
        request, "error.html", context, error.status, {"Content-Security-Policy": policy}
    )


def _hosts(commune: Commune | None) -> str:
    """Returns who may show the conversation in a frame."""
    return " ".join(("'self'", *(commune.sites if commune else ())))


@router.get("/")
def home(request: Request) -> Response:
    """Shows a commune's website with the widget in place."""
    known = services_of(request).communes
    commune = known.get(DEMO) or next(iter(known.values()))
    return templates.TemplateResponse(
        request,
        "demo.html",
        {"commune": commune},
        headers={"Content-Security-Policy": _PAGE_CSP},
    )


@router.get("/chat")
def chat(request: Request, commune: str = DEMO, audience: str = "resident") -> Response:
    """Shows the conversation of this browser, or the welcome: looking opens nothing."""
    return _page(request, commune, audience)


@router.post("/chat")
async def act(request: Request, fields: Annotated[Fields, Form()]) -> Response:
    """Does what a form asks, then shows the page again."""
    _refuse_other_sites(request)
    services = services_of(request)
    token = request.cookies.get(COOKIE, "")
    try:
        token, conversation = await run_in_threadpool(_do, request, token, fields)
    except ServiceError as error:
        return await run_in_threadpool(
            _page, request, fields.commune, fields.audience, error, fields.message
        )
    place = fields if conversation is None else conversation
    query = urlencode({"commune": place.commune, "audience": place.audience})
    response = RedirectResponse(f"/chat?{query}#latest", status_code=303)
    if conversation is None:
        response.delete_cookie(COOKIE, path="/chat")
        return response
    await _answered(services, conversation.id)
    # Lax, not strict: a link on the commune's website must find the conversation again.
    response.set_cookie(
        COOKIE,
        token,
        max_age=services.settings.keep_days * 86_400,
        path="/chat",
        secure=services.settings.address.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


def _do(request: Request, token: str, fields: Fields) -> tuple[str, Conversation | None]:
    """Returns the key and the conversation after a form, or no conversation at all."""
    services = services_of(request)
    conversations = services.conversations
    if fields.fresh:
        return "", None
    if fields.code:
        limit_openings(request, services)
        opened = conversations.resume(fields.code)
        return opened.token, conversations.get(opened.id)
    current = _current(services, token, fields.commune, fields.audience)
    if current is None:
        limit_openings(request, services)
        opened = conversations.open(fields.commune, fields.audience)
        token, current = opened.token, conversations.get(opened.id)
    if fields.score is not None:
        conversations.rate(current.id, fields.score, "")
    elif fields.choice or fields.message.strip():
        # The same form sent twice is one message; the same form with other words is another.
        name = f"{fields.nonce}\n{fields.choice}\n{fields.message}"
        message_id = str(uuid.uuid5(uuid.NAMESPACE_URL, name) if fields.nonce else uuid.uuid4())
        text, choice = (None, fields.choice) if fields.choice else (fields.message, None)
        services.inbox.receive(current.id, message_id, text, choice)
    return token, current


async def _answered(services: Services, conversation_id: str) -> None:
    """Returns when the last message has its answer, or after a short while."""
    limit = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < limit:
        said = await run_in_threadpool(_said, services, conversation_id)
        if not _awaits_answer(said):
            return
        await services.wakeups.wait(conversation_id, 0.5)


def _page(
    request: Request,
    commune_id: str,
    audience: str,
    error: ServiceError | None = None,
    draft: str = "",
) -> Response:
    services, commune = services_of(request), commune_of(request, commune_id)
    audience = "agent" if audience == "agent" else "resident"
    current = _current(services, request.cookies.get(COOKIE, ""), commune.id, audience)
    said = _said(services, current.id) if current else _welcome(services, commune, audience)
    last = max((i for i, e in enumerate(said) if e["author"] == "resident"), default=-1)
    code = services.conversations.resume_code(current.id) if current else None
    ended = say("finished", after="").strip()
    script = {
        "commune": commune.id,
        "audience": audience,
        "sites": commune.sites,
        "code": code,
        "ended": ended,
        "starting": say("service.starting"),
        "texts": texts()["script"],
    }
    context = {
        "commune": commune,
        "audience": audience,
        "begun": current is not None,
        "code": code,
        "events": said,
        "last_resident": last,
        "state": said[-1]["state"],
        "queue": next((e["queue"] for e in reversed(said) if e["queue"]), None),
        "name": next((e["name"] for e in reversed(said) if e["name"]), None),
        "awaiting": current is not None and _awaits_answer(said),
        "rate": current is not None and any(e["text"].startswith(ended) for e in said[last + 1 :]),
        "error": error,
        "draft": draft,
        "nonce": uuid.uuid4().hex,
        "most_characters": MOST_CHARACTERS,
        "tools": [(f"act:{tool}", tool, label(tool)) for tool in TOOLS],
        "scores": SCORES,
        "t": texts()["script"],
        "script": script,
    }
    headers = {
        "Content-Security-Policy": _CHAT_CSP + _hosts(commune),
        # Without an origin in our own forms' requests, another site's could not be told apart.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return templates.TemplateResponse(
        request, "chat.html", context, error.status if error else 200, headers
    )


def _welcome(services: Services, commune: Commune, audience: str) -> list[dict[str, Any]]:
    """Returns the first words in the form of events: what opening a conversation would say."""
    reply = services.guide.welcome(
        audience, commune.name, commune.hours_text, commune.suggestions(audience)
    )
    common = {"author": "bot", "type": "message", "state": "bot", "queue": None, "name": None}
    return [{**common, "seq": 0, **part.to_json()} for part in reply.parts]


def _said(services: Services, conversation_id: str) -> list[dict[str, Any]]:
    return services.conversations.told(conversation_id)


def _awaits_answer(said: list[dict[str, Any]]) -> bool:
    last = said[-1]
    asked = last["author"] == "resident" or last["text"] == say("service.starting")
    return asked and last["state"] in (ConversationState.BOT, ConversationState.WAITING)


def _current(services: Services, token: str, commune: str, audience: str) -> Conversation | None:
    """Returns the conversation that a cookie opens, when it is of this commune and audience."""
    found = services.keyring.opens(token) if token else None
    if found is None:
        return None
    conversation = services.conversations.get(found)
    same = (conversation.commune, conversation.audience) == (commune, audience)
    return conversation if same else None


def _refuse_other_sites(request: Request) -> None:
    """Refuses a form that another website sends in the resident's name.

    Raises:
        Forbidden: It does.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = {request.url.netloc, urlsplit(services_of(request).settings.address).netloc}
    foreign = site not in ("same-origin", "none") if site else origin is not None
    if foreign and (origin is None or urlsplit(origin).netloc not in ours):
        raise Forbidden(texts()["errors"]["other_site"])
