"""Click's own words, in French. Click reads `gettext` at import: this module comes first."""

from __future__ import annotations

import gettext

__all__ = ["Command", "Group", "click"]

WORDS = {
    "Usage:": "Utilisation :",
    "Options": "Options",
    "Arguments": "Arguments",
    "Commands": "Commandes",
    "Show this message and exit.": "Montre cette aide.",
    "Error": "Erreur",
    "Error: {message}": "Erreur : {message}",
    "Aborted!": "Abandon.",
    "Missing argument": "Il manque l'argument",
    "Missing option": "Il manque l'option",
    "Missing parameter": "Il manque un paramètre",
    "No such command {name!r}.": "Commande inconnue : {name!r}.",
    "No such option: {name}": "Option inconnue : {name}",
    "Missing command.": "Indiquez une commande.",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "Try '{command} {option}' for help.": "Aide : '{command} {option}'.",
    "required": "obligatoire",
    "default: {default}": "par défaut : {default}",
    "Repeat for confirmation": "Répétez pour confirmer",
    "Error: The two entered values do not match.": "Les deux saisies diffèrent.",
    "{filename!r} does not exist.": "{filename!r} n'existe pas.",
    "{name} {filename!r} does not exist.": "Le fichier {filename!r} n'existe pas.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
}
USAGE = {"[OPTIONS]": "[OPTIONS]", "COMMAND [ARGS]...": "COMMANDE [ARGUMENTS]…"}
_original = gettext.gettext


def _gettext(message: str) -> str:
    return WORDS.get(message) or _original(message)


gettext.gettext = _gettext

import click


class French:
    """Puts Click's bracketed words in French, in every command."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """See `click.Command`."""
        pieces: list[str] = super().collect_usage_pieces(ctx)  # type: ignore[misc]
        return [USAGE.get(piece, piece) for piece in pieces]


class Command(French, click.Command):
    """A command whose help is in French."""


class Group(French, click.Group):
    """A group whose help is in French."""
