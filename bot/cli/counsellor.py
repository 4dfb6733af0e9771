"""`passerelle counsellor …`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
    chosen = _password(password_stdin)
    with _accounts() as accounts:
        accounts.add(email, name, Role(role), commune, chosen)
    click.echo(f"Le compte de {name} est créé.")


@counsellor.command(cls=Command)
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Lit le mot de passe sur l'entrée standard.")
def password(email: str, password_stdin: bool) -> None:
    """Donne un autre mot de passe à un compte. Ses sessions ouvertes sont fermées."""
    chosen = _password(password_stdin)
    with _accounts() as accounts:
        accounts.set_password(email, chosen)
    click.echo(f"Le mot de passe de {email} est changé.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    asked: str = click.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
    return asked


@contextmanager
def _accounts() -> Iterator[Accounts]:
    with opened() as (settings, database):
        known = communes.load(settings.communes)
        yield Accounts(database, Wakeups(), known, settings.session_hours)
