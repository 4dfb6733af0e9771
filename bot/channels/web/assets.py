"""What the pages are made of besides HTML: styles, scripts, the commune's colour and logo."""

from __future__ import annotations

import json
import mimetypes
import re
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from bot.channels.web.requests import services_of
from bot.commune.model import Commune
from bot.conversation.service import UnknownCommune
from bot.errors import NotFound

STATIC = Path(__file__).parent / "static"
DEMO = "demo"

router = APIRouter(include_in_schema=False)


class _Revalidated(StaticFiles):
    """Static files that a browser asks about again: an update is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount_static(app: FastAPI) -> None:
    """Serves the pages' styles and scripts."""
    app.mount("/static", _Revalidated(directory=STATIC), name="static")


@router.get("/widget.js")
def widget() -> Response:
    """Serves the script that a commune adds to its website."""
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(_widget(), media_type="text/javascript; charset=utf-8", headers=headers)


@router.get("/chat/theme.css")
def theme(request: Request, commune: str = DEMO) -> Response:
    """Serves a commune's colour, so that no page needs an inline style."""
    css = f":root,:host{{--accent:{commune_of(request, commune).accent}}}\n"
    headers = {"Cache-Control": "max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(css, media_type="text/css", headers=headers)


@router.get("/chat/logo")
def logo(request: Request, commune: str = DEMO) -> Response:
    """Serves a commune's logo."""
    folder = services_of(request).settings.communes.resolve()
    path = (folder / (commune_of(request, commune).logo or "")).resolve()
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not (path.is_relative_to(folder) and path.is_file() and kind.startswith("image/")):
        raise NotFound
    # An SVG opened as a page could run a script.
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "max-age=300"}
    return FileResponse(path, media_type=kind, headers=headers)


def commune_of(request: Request, commune_id: str) -> Commune:
    """Returns a commune by its id.

    Raises:
        UnknownCommune: There is none.
    """
    commune = services_of(request).communes.get(commune_id)
    if commune is None:
        raise UnknownCommune
    return commune


@cache
def _widget() -> str:
    """Returns the widget's script with its style inside, beyond the reach of a host's policy."""
    css = re.sub(r"\s+", " ", (STATIC / "widget.css").read_text(encoding="utf-8"))
    return (STATIC / "widget.js").read_text(encoding="utf-8").replace('"{css}"', json.dumps(css))
