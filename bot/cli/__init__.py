"""The `passerelle` command."""

from __future__ import annotations

import sys

import bot.cli.french  # noqa: F401  (before typer)
import typer
from pydantic import ValidationError

from bot.cli import counsellor, knowledge, nlu, rights, serve
from bot.commune.model import CommuneError
from bot.errors import ServiceError
from bot.settings import UnknownSetting
from knowledge.catalogue import CatalogueError

app = typer.Typer(
    name="passerelle",
    help="L'assistant des démarches en ligne.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(serve.run)
app.command("serve")(serve.serve)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(nlu.app, name="nlu")
app.add_typer(counsellor.app, name="counsellor")
app.command("purge")(rights.purge)
app.command("export")(rights.export)
app.command("erase")(rights.erase)


def main() -> None:
    """Runs the command; what an operator can mend is said in a sentence, without a traceback."""
    try:
        app()
    except (UnknownSetting, CommuneError, ServiceError, CatalogueError) as error:
        sys.exit(f"Erreur : {error}")
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))} : {e['msg']}" for e in error.errors()]
        sys.exit("Erreur dans les réglages :\n" + "\n".join(lines))
