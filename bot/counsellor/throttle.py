"""Slows down those who guess passwords.

Kept in memory, by digest: nothing about who tried is written anywhere. A restart forgives.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.errors import TooManyRequests

MOST_FAILURES = 5
WINDOW = 15 * 60.0
MOST_KEYS = 10_000
# One argon2 hash takes 64 MB: a crowd of attempts must not exhaust the machine.
HASHES_AT_ONCE = 2


class TooManyAttempts(TooManyRequests):
    """Too many wrong passwords for one e-mail."""

    code = "too_many_attempts"
    message = "Il y a eu trop d'essais. Attendez 15 minutes, puis réessayez."


class Attempt:
    """One try; a failure unless it is said to have succeeded."""

    def __init__(self) -> None:
        self.success = False

    def succeeded(self) -> None:
        """The password was right."""
        self.success = True


class Throttle:
    """Counts failures by key.

    Args:
        clock: Seconds; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    @contextmanager
    def attempt(self, key: str) -> Iterator[Attempt]:
        """Lets one try happen.

        It is counted before it happens, so that tries made at the same time do not slip through.

        Raises:
            TooManyAttempts: This key has failed too often.
        """
        with self._lock:
            recent = [at for at in self._failures.get(key, ()) if at > self._clock() - WINDOW]
            if len(recent) >= MOST_FAILURES:
                raise TooManyAttempts
            self._failures[key] = [*recent, self._clock()]
            self._failures.move_to_end(key)
            while len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)
        attempt = Attempt()
        yield attempt
        if attempt.success:
            with self._lock:
                self._failures.pop(key, None)
