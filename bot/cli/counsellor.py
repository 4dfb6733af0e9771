"""`passerelle counsellor …`"""

from __future__ import annotations

import sys

from bot.cli.french import Command, Group, click
from bot.cli.rights import opened
from bot.commune import model as communes
from bot.conversation.wakeup import Wakeups
from bot.counsellor.service import Accounts
from bot.database.models import Role


@click.group(cls=Group)
def counsellor() -> None:
    """Les comptes des conseillers."""


@counsellor.command(cls=Command)
@click.argument("email")
@click.option("--name", required=True, help="Nom montré aux habitants.")
@click.option("--commune", required=True, multiple=True, help="Commune ; peut être répété.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.COUNSELLOR.value,
    help="Rôle du compte.",
)
@click.option("--password-stdin", is_flag=True, help="Lit le mot de passe sur l'entrée standard.")
def add(email: str, name: str, commune: tuple[str, ...], role: str, password_stdin: bool) -> None:
    """Crée un compte. Le mot de passe est demandé, ou lu sur l'entrée standard."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
    with opened() as (settings, database):
        accounts = Accounts(
            database, Wakeups(), communes.load(settings.communes), settings.session_hours
        )
        accounts.add(email, name, Role(role), commune, password)
    click.echo(f"Le compte de {name} est créé.")
