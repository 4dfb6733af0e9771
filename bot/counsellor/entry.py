"""What makes an account: its fields, checked and in their stored shape, and its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.database.models import Counsellor, CounsellorCommune, Role
from bot.errors import Conflict, Invalid, NotFound, ServiceError
from bot.journal import service as journal

LEAST_PASSWORD, MOST_PASSWORD = 12, 200
MOST_NAME = 80
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]{2,}")


class WrongCredentials(ServiceError):
    """Unknown e-mail or wrong password: nobody can tell which."""

    status = 401
    code = "wrong_credentials"
    message = "L'adresse mail ou le mot de passe n'est pas le bon. Vérifiez-les, puis réessayez."


class AccountExists(Conflict):
    """The e-mail has an account."""

    code = "account_exists"
    message = "Cette adresse mail a déjà un compte. Connectez-vous, ou prenez une autre adresse."


class InvitationUsed(NotFound):
    """The link was used, is too old, or never existed."""

    code = "invitation_used"
    message = (
        "Ce lien d'invitation n'est plus valable : il sert une seule fois, pendant 24 heures. "
        "Demandez-en un autre à la personne qui vous l'a envoyé."
    )


@dataclass(frozen=True)
class Entry:
    """What a form says about a new account, checked and in its stored shape."""

    email: str
    name: str
    password_hash: str


def checked(email: str, name: str, password: str, hashed: Callable[[str], str]) -> Entry:
    """Returns the fields of a form, checked.

    Args:
        email: As typed.
        name: As typed.
        password: As typed.
        hashed: Hashes a password.

    Raises:
        Invalid: A field is wrong; the message says which.
    """
    email, name = normal_email(email), " ".join(name.split())
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise Invalid("L'adresse mail n'est pas valable. Elle s'écrit comme nom@ville.fr.")
    if not 0 < len(name) <= MOST_NAME:
        raise Invalid(f"Écrivez un nom, de {MOST_NAME} caractères au plus.")
    return Entry(email, name, hashed(checked_password(password)))


def checked_password(typed: str) -> str:
    """Returns a new password as it is hashed.

    Raises:
        Invalid: Too short or too long.
    """
    password = normal_password(typed)
    if len(password) < LEAST_PASSWORD:
        raise Invalid(
            f"Le mot de passe doit avoir au moins {LEAST_PASSWORD} caractères. "
            "Plusieurs mots à la suite conviennent bien."
        )
    if len(password) > MOST_PASSWORD:
        raise Invalid(f"Le mot de passe doit avoir {MOST_PASSWORD} caractères au plus.")
    return password


def normal_email(typed: str) -> str:
    """Returns an e-mail as it is stored."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def normal_password(typed: str) -> str:
    """Returns a password as it is hashed."""
    # The same « é » is one character or two depending on the keyboard.
    return unicodedata.normalize("NFKC", typed)


def known_role(role: str) -> str:
    """Returns a role.

    Raises:
        Invalid: There is no such role.
    """
    try:
        return Role(role).value
    except ValueError as error:
        raise Invalid("Le rôle doit être « counsellor », « supervisor » ou « admin ».") from error


def create(
    session: Session, entry: Entry, role: str, communes: Sequence[str], actor: str
) -> Counsellor:
    """Adds the rows of an account, in a write transaction."""
    counsellor = Counsellor(
        email=entry.email, name=entry.name, role=role, password_hash=entry.password_hash
    )
    session.add(counsellor)
    session.flush()
    for commune in communes:
        session.add(CounsellorCommune(counsellor_id=counsellor.id, commune=commune))
    journal.note(session, actor, "counsellor.add", f"counsellor:{counsellor.id}", role=role)
    return counsellor
