"""The counsellors' pages. The work page is a shell that its scripts fill from the API."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from starlette.staticfiles import StaticFiles

from bot.channels.web.requests import ServicesHere
from bot.console.session import (
    SUPERVISING,
    SameSite,
    Supervising,
    close_session,
    open_session,
    visitor,
)
from bot.counsellor.entry import LEAST_PASSWORD
from bot.counsellor.service import is_present
from bot.database.models import Counsellor, Role
from bot.errors import Forbidden, ServiceError
from bot.handoff import board
from bot.services import Services

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    # With no referrer at all, a form of ours would be sent with « Origin: null ».
    "Referrer-Policy": "same-origin",
}

router = APIRouter(prefix="/console", include_in_schema=False)
_static = StaticFiles(directory=HERE / "static", check_dir=False)


@cache
def _templates() -> Jinja2Templates:
    return Jinja2Templates(directory=HERE / "templates")


def _page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    return _templates().TemplateResponse(
        request, f"console/{template}.html", context, status_code=status, headers=HEADERS
    )


def _go(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


@router.get("/static/{path:path}")
async def static(path: str, request: Request) -> Response:
    """Scripts and styles of these pages."""
    response = await _static.get_response(path, request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response


# --- coming and going ----------------------------------------------------------------------------


@router.get("/connexion")
def sign_in_form(request: Request, fin: Annotated[str, Query()] = "") -> Response:
    """The sign-in form."""
    if visitor(request) is not None:
        return _go("/console")
    return _page(request, "sign_in", ended=bool(fin), email="", error=None)


@router.post("/connexion")
def sign_in(
    request: Request,
    services: ServicesHere,
    same_site: SameSite,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Signs in, with or without JavaScript."""
    try:
        secret = services.accounts.sign_in(email, password)
    except ServiceError as error:
        return _page(
            request, "sign_in", error.status, ended=False, email=email, error=error.message
        )
    response = _go("/console")
    open_session(request, response, secret)
    return response


@router.post("/deconnexion")
def sign_out(request: Request, same_site: SameSite) -> Response:
    """Signs out; with no session left, there is nothing to refuse."""
    response = _go("/console/connexion")
    close_session(request, response)
    return response


@router.get("/bienvenue")
def welcome_form(request: Request, services: ServicesHere, cle: str = "") -> Response:
    """The form behind an invitation link."""
    try:
        services.accounts.invitation(cle)
    except ServiceError as error:
        return _page(request, "refused", error.status, error=error.message)
    return _welcome(request, cle)


@router.post("/bienvenue")
def welcome(
    request: Request,
    services: ServicesHere,
    same_site: SameSite,
    cle: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Creates the account of an invited person, and signs them in."""
    try:
        services.accounts.invitation(cle)
    except ServiceError as error:
        return _page(request, "refused", error.status, error=error.message)
    try:
        services.accounts.accept_invitation(cle, email, name, password)
        secret = services.accounts.sign_in(email, password)
    except ServiceError as error:
        return _welcome(request, cle, error, email=email, name=name)
    response = _go("/console")
    open_session(request, response, secret)
    return response


def _welcome(
    request: Request, key: str, error: ServiceError | None = None, **typed: str
) -> Response:
    return _page(
        request,
        "welcome",
        error.status if error else 200,
        key=key,
        error=error.message if error else None,
        least_password=LEAST_PASSWORD,
        email=typed.get("email", ""),
        name=typed.get("name", ""),
    )


# --- at work -------------------------------------------------------------------------------------


@router.get("")
@router.get("/", include_in_schema=False)
def work(request: Request, services: ServicesHere) -> Response:
    """The work page: queue, conversation, hand-over card."""
    counsellor = visitor(request)
    if counsellor is None:
        return _go("/console/connexion")
    return _page(request, "work", here="work", **_frame(services, counsellor))


@router.get("/supervision")
def supervision(request: Request, services: ServicesHere, commune: str = "") -> Response:
    """The figures of the day."""
    counsellor = visitor(request)
    if counsellor is None:
        return _go("/console/connexion")
    if counsellor.role not in SUPERVISING:
        error = Forbidden("Cette page est réservée aux responsables.")
        return _page(
            request,
            "refused",
            error.status,
            error=error.message,
            here="",
            **_frame(services, counsellor),
        )
    return _supervision(request, services, counsellor, commune)


@router.post("/supervision/invitation")
def invite(
    request: Request,
    services: ServicesHere,
    counsellor: Supervising,
    role: Annotated[str, Form()] = "",
    commune: Annotated[str, Form()] = "",
) -> Response:
    """Makes a one-time link for a colleague; shown once."""
    if counsellor.role != Role.ADMIN:
        raise Forbidden("Seul un administrateur peut inviter.")
    if commune not in services.accounts.communes_of(counsellor):
        raise Forbidden("Vous ne pouvez inviter que pour vos communes.")
    secret = services.accounts.invite(role, commune, actor=f"counsellor:{counsellor.id}")
    base = services.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    link = f"{base}/console/bienvenue?cle={secret}"
    return _supervision(request, services, counsellor, "", link)


def _supervision(
    request: Request, services: Services, counsellor: Counsellor, commune: str, link: str = ""
) -> Response:
    frame = _frame(services, counsellor)
    served = [c["id"] for c in frame["communes"]]
    shown = [commune] if commune in served else served
    zone = ZoneInfo(services.communes[shown[0]].timezone if shown else "Europe/Paris")
    local = datetime.now(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    with services.database.read() as session:
        # In UTC: SQLite compares moments as text.
        figures = board.figures(session, shown, midnight.astimezone(UTC))
    return _page(
        request,
        "supervision",
        here="supervision",
        figures=figures,
        at=f"{local.hour} h {local.minute:02}",
        chosen=commune if commune in served else "",
        link=link,
        **frame,
    )


def _frame(services: Services, counsellor: Counsellor) -> dict[str, Any]:
    """What the header of a signed-in page shows."""
    return {
        "counsellor": counsellor,
        "present": is_present(counsellor),
        "supervises": counsellor.role in SUPERVISING,
        "invites": counsellor.role == Role.ADMIN,
        "communes": [
            {"id": id, "name": services.communes[id].name}
            for id in services.accounts.communes_of(counsellor)
            if id in services.communes
        ],
    }
