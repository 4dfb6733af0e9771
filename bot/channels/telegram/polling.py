"""The requests for updates, watched: what they meet is the channel's state."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from telegram.error import TelegramError
from telegram.request import HTTPXRequest

UP = "up"
CONFLICT = "error: conflict"
BAD_TOKEN = "error: token"  # noqa: S105 - a state
NETWORK = "error: network"


class WatchedRequest(HTTPXRequest):
    """Fetches updates and reports how it went.

    Args:
        report: Called with the channel's state after each request.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(connection_pool_size=4, connect_timeout=5.0, read_timeout=15.0)
        self._report = report

    async def do_request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        """See `HTTPXRequest.do_request`."""
        try:
            code, payload = await super().do_request(*args, **more)
        except TelegramError:
            self._report(NETWORK)
            raise
        if code == HTTPStatus.OK:
            self._report(UP)
        elif code == HTTPStatus.CONFLICT:
            self._report(CONFLICT)
        elif code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            self._report(BAD_TOKEN)
            # The updater would give up for good; a proxy's passing 404 does not deserve that.
            code = HTTPStatus.SERVICE_UNAVAILABLE
        elif code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._report(NETWORK)
        return code, payload
