"""The `passerelle` command.

A command imports what it needs and nothing more: the web service is up in a moment.
"""

from __future__ import annotations

import sys
from importlib import import_module

from bot.cli import french
from pydantic import ValidationError

from bot.commune.model import CommuneError
from bot.errors import ServiceError
from bot.settings import UnknownSetting
from knowledge.catalogue import CatalogueError

# Command -> the module it is in.
COMMANDS = {
    "run": "run",
    "serve": "serve",
    "knowledge": "knowledge",
    "nlu": "nlu",
    "counsellor": "counsellor",
    "fiches": "fiches",
    "purge": "rights",
    "export": "rights",
    "erase": "rights",
}


class Passerelle(french.Group):
    """Loads a command when it is asked for."""

    def list_commands(self, ctx: french.click.Context) -> list[str]:
        """See `click.Group`."""
        return list(COMMANDS)

    def get_command(self, ctx: french.click.Context, name: str) -> french.click.Command | None:
        """See `click.Group`."""
        if name not in COMMANDS:
            return None
        command: french.click.Command = getattr(import_module(f"bot.cli.{COMMANDS[name]}"), name)
        return command


application = Passerelle("passerelle", help="L'assistant des démarches en ligne.")


def main() -> None:
    """Runs the command; what an operator can mend is said in a sentence, without a traceback."""
    try:
        application(prog_name="passerelle")
    except (UnknownSetting, CommuneError, ServiceError, CatalogueError) as error:
        sys.exit(f"Erreur : {error}")
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))} : {e['msg']}" for e in error.errors()]
        sys.exit("Erreur dans les réglages :\n" + "\n".join(lines))
