"""Keeps the bot's token and people's words out of the log.

The token is part of every address of the Bot API, which httpx logs at INFO; python-telegram-bot
logs whole updates at DEBUG and puts the token or the content of an answer into its errors. Neither
speaks in our log: of theirs, only the level, the place and the kind of error are kept.
"""

from __future__ import annotations

import logging
import warnings

from telegram.warnings import PTBDeprecationWarning

log = logging.getLogger("passerelle.telegram")

_TALKATIVE = ("httpx", "httpcore")
_LIBRARY = "telegram"


class _KindOnly(logging.Handler):
    """Passes on that the library complained, never its words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Logs the place and the kind of error."""
        error = record.exc_info[1] if record.exc_info else None
        kind = type(error).__name__ if error is not None else "no error attached"
        log.log(record.levelno, "%s, line %s: %s", record.name, record.lineno, kind)


def quieten() -> None:
    """Silences both libraries; once is enough, twice does no harm."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Every 429 would raise one: RetryAfter reads its own deprecated attribute.
    warnings.filterwarnings("ignore", message=".*`retry_after`", category=PTBDeprecationWarning)
    library = logging.getLogger(_LIBRARY)
    library.propagate = False
    if not any(isinstance(handler, _KindOnly) for handler in library.handlers):
        library.addHandler(_KindOnly(logging.WARNING))
