"""`passerelle serve`: the web service alone."""

from __future__ import annotations

import gc
import logging

import uvicorn

from bot import settings as configuration
from bot.app import create
from bot.cli.french import Command, click
from bot.services import assemble

GRACE_SECONDS = 3


@click.command(cls=Command)
def serve() -> None:
    """Démarre le service web seul."""
    settings = configuration.load()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    for noisy in ("httpx", "httpcore", "telegram", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # What is assembled lives as long as the process: the collector need not walk through it.
    gc.disable()
    application = create(assemble(settings))
    gc.freeze()
    gc.enable()
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        access_log=False,  # an address and its query are personal data
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
