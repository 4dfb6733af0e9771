"""Secrets of a conversation: its token and the short code to come back with."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from pathlib import Path

# No letter that is mistaken for a figure when read aloud or copied by hand.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 10


def digest(secret: str) -> str:
    """Returns what is stored in place of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """Returns a key for one device."""
    return secrets.token_urlsafe(32)


def new_id() -> str:
    """Returns an id that cannot be guessed."""
    return secrets.token_urlsafe(12)


def resume_code(secret: str, conversation_id: str) -> str:
    """Returns the code of a conversation: the same each time, and never stored.

    Args:
        secret: The service's own secret.
        conversation_id: Whose code.
    """
    mac = hmac.new(secret.encode(), conversation_id.encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac[:16])
    letters = []
    for _ in range(CODE_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


def normal_code(typed: str) -> str:
    """Returns a typed code as it is issued, whatever the case, spaces and dashes."""
    letters = re.sub(r"[^A-Z0-9]", "", typed.upper())
    return f"{letters[:5]}-{letters[5:]}"


def service_secret(configured: str, var: Path) -> str:
    """Returns the configured secret, or one made once and kept under `var`."""
    if configured:
        return configured
    path = var / "secret"
    var.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()
