"""Errors that a person can meet: each carries its status, a code and a French sentence."""

from __future__ import annotations


class ServiceError(Exception):
    """Base of the errors that become an HTTP answer.

    Attributes:
        status: HTTP status.
        code: Stable snake_case word for programs.
        message: French sentence that says what to do.
    """

    status = 400
    code = "bad_request"
    message = "La demande n'a pas été comprise. Rechargez la page et réessayez."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message


class NotFound(ServiceError):
    """Nothing there, or nothing that this person may see."""

    status = 404
    code = "not_found"
    message = "Cette page ou cette conversation n'existe pas."


class NotSignedIn(ServiceError):
    """No session, or it has ended."""

    status = 401
    code = "not_signed_in"
    message = "Votre session est terminée. Connectez-vous de nouveau."


class Forbidden(ServiceError):
    """The role does not allow it, or the request comes from another site."""

    status = 403
    code = "forbidden"
    message = "Vous n'avez pas le droit de faire cela."


class TooManyRequests(ServiceError):
    """Too fast."""

    status = 429
    code = "too_many_requests"
    message = "C'est un peu trop rapide. Attendez une minute, puis réessayez."


class Invalid(ServiceError):
    """The content was refused; the message says which field and why."""

    status = 422
    code = "invalid"


class Conflict(ServiceError):
    """Someone was quicker, or the state does not allow it."""

    status = 409
    code = "conflict"
    message = "La situation a changé entre-temps. Rechargez la page."
