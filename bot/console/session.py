"""Who asks: the counsellor's cookie, and the refusal of requests that another site made."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from bot.channels.web.requests import services_of
from bot.database.models import Counsellor, Role
from bot.errors import Forbidden, NotSignedIn

COOKIE = "passerelle_counsellor"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SUPERVISING = frozenset({Role.SUPERVISOR, Role.ADMIN})


class CrossSite(Forbidden):
    """The request comes from a page of another site, as its browser says."""

    code = "cross_site"
    message = "Cette action doit être faite depuis la page de Passerelle. Rechargez la page."


def same_site(request: Request) -> None:
    """Refuses to change anything for another site, in addition to `SameSite=Strict`.

    Raises:
        CrossSite: `Sec-Fetch-Site` or `Origin` says that another site's page is asking.
    """
    if request.method in SAFE_METHODS:
        return
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        allowed = fetched_from in ("same-origin", "none")
    else:
        # Sent over plain HTTP too, where browsers leave Sec-Fetch-Site out. A browser that changes
        # something always says where from: a request without either is a program's.
        origin = request.headers.get("origin")
        allowed = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise CrossSite


def visitor(request: Request) -> Counsellor | None:
    """Returns whose session the cookie is, or None."""
    secret = request.cookies.get(COOKIE)
    return services_of(request).accounts.by_session(secret) if secret else None


def _signed_in(request: Request) -> Counsellor:
    same_site(request)
    counsellor = visitor(request)
    if counsellor is None:
        raise NotSignedIn
    return counsellor


def _supervisor(request: Request) -> Counsellor:
    counsellor = _signed_in(request)
    if counsellor.role not in SUPERVISING:
        raise Forbidden("Cette page est réservée aux responsables.")
    return counsellor


def open_session(request: Request, response: Response, secret: str) -> None:
    """Hands the session to the browser; the cookie goes when the browser closes."""
    public = services_of(request).settings.public_url
    response.set_cookie(
        COOKIE,
        secret,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https" or public.startswith("https://"),
    )


def close_session(request: Request, response: Response) -> None:
    """Ends the session here and in the browser."""
    secret = request.cookies.get(COOKIE)
    if secret:
        services_of(request).accounts.sign_out(secret)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


SameSite = Annotated[None, Depends(same_site)]
SignedIn = Annotated[Counsellor, Depends(_signed_in)]
Supervising = Annotated[Counsellor, Depends(_supervisor)]
