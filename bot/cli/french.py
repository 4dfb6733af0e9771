"""Click's own words, in French. Imported before Click, which reads `gettext` at import."""

from __future__ import annotations

import gettext

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
_original = gettext.gettext


def _gettext(message: str) -> str:
    return WORDS.get(message) or _original(message)


gettext.gettext = _gettext
