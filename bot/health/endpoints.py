"""`/healthz`, `/readyz` and `/metrics`, for whoever runs the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.channels import telegram
from bot.channels.web.requests import ServicesHere
from bot.health import service

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def ready(services: ServicesHere) -> Response:
    """Each part and its state; 503 while the database is away.

    The engine may still load: people can already write, and ask for a person.
    """
    database = await run_in_threadpool(service.database_state, services.database)
    engine = "up" if await services.engine.ready() else "loading"
    states: dict[str, Any] = {
        "database": database,
        "engine": engine,
        "telegram": telegram.state(services),
    }
    return JSONResponse(states, status_code=200 if database == "up" else 503)


@router.get("/metrics")
def metrics(services: ServicesHere) -> Response:
    """Figures for Prometheus."""
    registry = service.figures(services.database)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
