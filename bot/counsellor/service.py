"""Counsellors' accounts: sign-in, sessions, presence and invitations.

Passwords are kept as argon2 hashes, the secrets of sessions and invitations as digests. Hashing is
slow by design: it never happens inside a transaction, and only a few at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.commune.model import Commune
from bot.conversation.keys import digest
from bot.conversation.wakeup import Wakeups
from bot.counsellor.entry import (
    MOST_PASSWORD,
    AccountExists,
    InvitationUsed,
    WrongCredentials,
    checked,
    checked_password,
    create,
    known_role,
    normal_email,
    normal_password,
)
from bot.counsellor.throttle import Throttle
from bot.database.engine import Database
from bot.database.models import (
    Counsellor,
    CounsellorCommune,
    CounsellorSession,
    Invitation,
    now,
)
from bot.errors import Invalid, NotFound
from bot.journal import service as journal

INVITATION_LIFE = timedelta(hours=24)
PRESENCE = timedelta(seconds=90)
# A session is prolonged at most that often: most requests then only read.
PROLONGED_EVERY = timedelta(minutes=5)
EVERY_COMMUNE = "*"


class Accounts:
    """The accounts of one service.

    Args:
        database: Where they live.
        wakeups: Told when somebody comes or goes.
        communes: The communes by id.
        session_hours: How long a session lasts without a request.
    """

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        communes: dict[str, Commune],
        session_hours: int,
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._communes = communes
        self._session_life = timedelta(hours=session_hours)
        self._throttle = Throttle()
        self._hasher = PasswordHasher()

    # --- accounts ----------------------------------------------------------------------------

    def none(self) -> bool:
        """Tells whether no account exists yet."""
        with self._database.read() as session:
            return not session.scalar(select(func.count()).select_from(Counsellor))

    def add(
        self,
        email: str,
        name: str,
        role: str,
        communes: Sequence[str],
        password: str,
        actor: str = "cli",
    ) -> Counsellor:
        """Creates an account.

        Args:
            email: Signs in with it, whatever its case.
            name: What residents read.
            role: One of `Role`.
            communes: Ids of the communes it serves; `*` is every commune known today.
            password: At least 12 characters.
            actor: For the journal.

        Raises:
            Invalid: A field is wrong; the message says which.
            AccountExists: The e-mail has an account.
        """
        entry = checked(email, name, password, self._hashed)
        role, served = known_role(role), self._served(communes)
        try:
            with self._database.write() as session:
                return create(session, entry, role, served, actor)
        except IntegrityError as error:
            raise AccountExists from error

    def set_password(self, email: str, password: str, actor: str = "cli") -> None:
        """Gives an account another password, and ends its sessions.

        Raises:
            NotFound: No account has this e-mail.
            Invalid: The password is too short.
        """
        stored = self._hashed(checked_password(password))
        with self._database.write() as session:
            found = session.scalar(
                select(Counsellor).where(Counsellor.email == normal_email(email))
            )
            if found is None:
                raise NotFound("Aucun compte n'a cette adresse mail.")
            found.password_hash = stored
            session.execute(
                delete(CounsellorSession).where(CounsellorSession.counsellor_id == found.id)
            )
            journal.note(session, actor, "counsellor.password", f"counsellor:{found.id}")

    def _hashed(self, password: str) -> str:
        with self._throttle.hashing:
            return self._hasher.hash(password)

    def _served(self, communes: Sequence[str]) -> Sequence[str]:
        if EVERY_COMMUNE in communes:
            return sorted(self._communes)
        unknown = [commune for commune in communes if commune not in self._communes]
        if unknown:
            raise Invalid(f"Commune inconnue : {', '.join(unknown)}.")
        if not communes:
            raise Invalid("Indiquez au moins une commune.")
        return sorted(set(communes))

    # --- sessions ----------------------------------------------------------------------------

    def sign_in(self, email: str, password: str) -> str:
        """Opens a session and returns its secret.

        The work is the same for an unknown e-mail: the time it takes tells nothing.

        Raises:
            WrongCredentials: Unknown e-mail or wrong password.
            TooManyRequests: Too many failures for this e-mail.
        """
        email, password = normal_email(email), normal_password(password)[:MOST_PASSWORD]
        with self._database.read() as session:
            found = session.scalar(select(Counsellor).where(Counsellor.email == email))
        stored = found.password_hash if found else self._nobody
        with self._throttle.attempt(digest(email)) as attempt:
            if not self._verified(stored, password) or found is None:
                raise WrongCredentials
            attempt.succeeded()
        if self._hasher.check_needs_rehash(stored):
            stored = self._hashed(password)
        secret = secrets.token_urlsafe(32)
        with self._database.write() as session:
            session.execute(delete(CounsellorSession).where(CounsellorSession.expires_at <= now()))
            session.execute(
                update(Counsellor).where(Counsellor.id == found.id).values(password_hash=stored)
            )
            session.add(
                CounsellorSession(
                    hash=digest(secret),
                    counsellor_id=found.id,
                    expires_at=now() + self._session_life,
                )
            )
            journal.note(
                session, f"counsellor:{found.id}", "counsellor.sign_in", f"counsellor:{found.id}"
            )
        return secret

    @cached_property
    def _nobody(self) -> str:
        """Hash that no password opens, to spend the same time on an unknown e-mail."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def _verified(self, stored: str, password: str) -> bool:
        _ = self._nobody  # Made before the first answer, so that it is not slower than the others.
        try:
            with self._throttle.hashing:
                return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def by_session(self, secret: str) -> Counsellor | None:
        """Returns whose session this is, and prolongs it; None when it has ended."""
        with self._database.read() as session:
            found = session.get(CounsellorSession, digest(secret))
            if found is None or found.expires_at <= now():
                return None
            counsellor = session.get(Counsellor, found.counsellor_id)
        until = now() + self._session_life
        if until - found.expires_at > PROLONGED_EVERY:
            with self._database.write() as session:
                session.execute(
                    update(CounsellorSession)
                    .where(CounsellorSession.hash == found.hash)
                    .values(expires_at=until)
                )
        return counsellor

    def sign_out(self, secret: str) -> None:
        """Ends a session; with the last one, the person is no longer present."""
        with self._database.write() as session:
            found = session.get(CounsellorSession, digest(secret))
            if found is None:
                return
            session.delete(found)
            session.flush()
            others = session.scalar(
                select(func.count())
                .select_from(CounsellorSession)
                .where(
                    CounsellorSession.counsellor_id == found.counsellor_id,
                    CounsellorSession.expires_at > now(),
                )
            )
            if not others:
                _set_present(session, found.counsellor_id, False)
        self._wakeups.notify("tickets")

    # --- communes and presence -----------------------------------------------------------------

    def communes_of(self, counsellor: Counsellor) -> list[str]:
        """Returns the ids of the communes an account serves."""
        with self._database.read() as session:
            return list(_communes_of(session, counsellor.id))

    def colleagues(self, counsellor: Counsellor, commune: str) -> list[dict[str, Any]]:
        """Returns the others who serve a commune: `id`, `name`, `present`; the present ones first.

        Raises:
            NotFound: The counsellor does not serve it.
        """
        with self._database.read() as session:
            if commune not in _communes_of(session, counsellor.id):
                raise NotFound
            others = session.scalars(
                select(Counsellor)
                .join(CounsellorCommune, CounsellorCommune.counsellor_id == Counsellor.id)
                .where(CounsellorCommune.commune == commune, Counsellor.id != counsellor.id)
                .order_by(Counsellor.name)
            ).all()
        listed = [{"id": c.id, "name": c.name, "present": is_present(c)} for c in others]
        return sorted(listed, key=lambda colleague: not colleague["present"])

    def set_presence(self, counsellor: Counsellor, present: bool) -> bool:
        """Says whether somebody answers now; to be renewed within 90 seconds.

        Returns:
            Whether they have just arrived.
        """
        with self._database.write() as session:
            before = session.get_one(Counsellor, counsellor.id).present_until
            _set_present(session, counsellor.id, present)
        self._wakeups.notify("tickets")
        return present and (before is None or before < now())

    # --- invitations -----------------------------------------------------------------------------

    def invite(self, role: str, commune: str, actor: str = "cli") -> str:
        """Makes a one-time link's secret, valid for 24 hours.

        Args:
            role: What the new account may do.
            commune: What it will serve; `*` is every commune.
            actor: For the journal.
        """
        role, secret = known_role(role), secrets.token_urlsafe(24)
        self._served([commune])
        with self._database.write() as session:
            session.add(
                Invitation(
                    hash=digest(secret),
                    role=role,
                    commune=commune,
                    expires_at=now() + INVITATION_LIFE,
                )
            )
            journal.note(session, actor, "invitation.create", f"commune:{commune}", role=role)
        return secret

    def invitation(self, secret: str) -> Invitation:
        """Returns an invitation that can still be accepted.

        Raises:
            InvitationUsed: It cannot.
        """
        with self._database.read() as session:
            found = session.get(Invitation, digest(secret))
        if found is None or found.used_at is not None or found.expires_at <= now():
            raise InvitationUsed
        return found

    def accept_invitation(self, secret: str, email: str, name: str, password: str) -> Counsellor:
        """Creates the account of an invited person; the link then serves no more.

        Raises:
            InvitationUsed: The link is not valid.
            Invalid: A field is wrong; the link stays valid.
            AccountExists: The e-mail has an account; the link stays valid.
        """
        invitation = self.invitation(secret)
        entry = checked(email, name, password, self._hashed)
        served = self._served([invitation.commune])
        try:
            with self._database.write() as session:
                taken = session.execute(
                    update(Invitation)
                    .where(
                        Invitation.hash == invitation.hash,
                        Invitation.used_at.is_(None),
                        Invitation.expires_at > now(),
                    )
                    .values(used_at=now())
                    .execution_options(synchronize_session=False)
                ).rowcount  # type: ignore[attr-defined]
                if not taken:
                    raise InvitationUsed
                return create(session, entry, invitation.role, served, "invitation")
        except IntegrityError as error:
            raise AccountExists from error


def is_present(counsellor: Counsellor) -> bool:
    """Tells whether somebody answers now."""
    return counsellor.present_until is not None and counsellor.present_until > now()


def _communes_of(session: Session, counsellor_id: int) -> Sequence[str]:
    return session.scalars(
        select(CounsellorCommune.commune)
        .where(CounsellorCommune.counsellor_id == counsellor_id)
        .order_by(CounsellorCommune.commune)
    ).all()


def _set_present(session: Session, counsellor_id: int, present: bool) -> None:
    session.execute(
        update(Counsellor)
        .where(Counsellor.id == counsellor_id)
        .values(present_until=now() + PRESENCE if present else None)
    )
