"""The `passerelle` command.

A command imports what it needs and nothing more: the web service is up in a moment.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

import bot.cli.french  # noqa: F401  (before typer)
import typer
from pydantic import ValidationError

from bot.commune.model import CommuneError
from bot.errors import ServiceError
from bot.settings import UnknownSetting
from knowledge.catalogue import CatalogueError

# Command -> module, and the function in it; a group has its own `app` instead.
COMMANDS = {
    "run": ("run", "run"),
    "serve": ("serve", "serve"),
    "knowledge": ("knowledge", "app"),
    "nlu": ("nlu", "app"),
    "counsellor": ("counsellor", "app"),
    "purge": ("rights", "purge"),
    "export": ("rights", "export"),
    "erase": ("rights", "erase"),
}


def application(command: str = "") -> typer.Typer:
    """Builds the command line.

    Args:
        command: The only command to load; all of them when it is not known.
    """
    app = typer.Typer(
        name="passerelle",
        help="L'assistant des démarches en ligne.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_passerelle)
    for name in [command] if command in COMMANDS else COMMANDS:
        module, function = COMMANDS[name]
        part: typer.Typer | Callable[..., None] = getattr(
            import_module(f"bot.cli.{module}"), function
        )
        if isinstance(part, typer.Typer):
            app.add_typer(part, name=name)
        else:
            app.command(name)(part)
    return app


def _passerelle() -> None:
    """L'assistant des démarches en ligne."""


def main() -> None:
    """Runs the command; what an operator can mend is said in a sentence, without a traceback."""
    try:
        application(sys.argv[1] if len(sys.argv) > 1 else "")()
    except (UnknownSetting, CommuneError, ServiceError, CatalogueError) as error:
        sys.exit(f"Erreur : {error}")
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))} : {e['msg']}" for e in error.errors()]
        sys.exit("Erreur dans les réglages :\n" + "\n".join(lines))
