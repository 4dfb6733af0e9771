"""`passerelle run`: the web service and the engine, kept alive on one machine.

It imports next to nothing itself: what it starts should not wait for it.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from bot import settings as configuration
from bot import supervisor
from bot.cli.french import Command, click


@click.command(cls=Command)
def run() -> None:
    """Démarre tout sur cette machine : le service web et le moteur de dialogue."""
    settings = configuration.load()
    engine_port = urlsplit(settings.engines[0]).port or 5005

    def started() -> None:
        _wait(f"http://{settings.host}:{settings.port}/healthz")
        click.echo(
            f"\n  Page de démonstration   {settings.address}/\n"
            f"  Conversation seule      {settings.address}/chat\n"
            f"  Console des conseillers {settings.address}/console\n"
            "\nLe moteur de dialogue se prépare. Ctrl-C pour arrêter.\n"
        )
        link = _administrator_link(settings)
        if link:
            click.echo(
                "Aucun compte n'existe encore. Ce lien crée l'administrateur, une seule fois :\n"
                f"  {link}\n"
            )
        _announce_engine(f"{settings.engines[0]}/webhooks/passerelle/ready")

    children = [
        supervisor.web(),
        supervisor.engine(engine_port, click.echo, settings.var / "models"),
    ]
    supervisor.Supervisor(children, click.echo).run(started)
    click.echo("Arrêté.")


def _administrator_link(settings: configuration.Settings) -> str | None:
    from bot.counsellor.service import Accounts
    from bot.database.models import Role
    from bot.services import assemble

    services = assemble(settings)
    try:
        accounts: Accounts = services.accounts
        if not accounts.none():
            return None
        secret = accounts.invite(Role.ADMIN, next(iter(services.communes)))
        return f"{settings.address}/console/bienvenue?cle={secret}"
    finally:
        services.database.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310  (our own address)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait(url: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not _answers(url):
        time.sleep(0.1)


def _announce_engine(url: str) -> None:
    """Says, from a thread, when the engine is ready."""

    def watch() -> None:
        while not _answers(url):
            time.sleep(1)
        click.echo("Le moteur de dialogue est prêt.")

    threading.Thread(target=watch, daemon=True).start()
