"""Servers in threads of the test's process, and waiting for what they do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import uvicorn

SECONDS = 30.0
ANY_PORT = (0,)


class Serving:
    """Any ASGI application under uvicorn.

    Args:
        app: The application.
        listening: A socket of the loopback, bound; by default one on a free port.
    """

    def __init__(self, app: Any, listening: socket.socket | None = None) -> None:
        listening = listening or bound()
        self.port: int = listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app,
            interface="asgi3",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self._thread.start()
        until(lambda: self._server.started or not self._thread.is_alive())
        assert self._server.started, "the server did not start"

    def stop(self) -> None:
        """Stops it, through the application's lifespan; a second time nothing happens."""
        self._server.should_exit = True
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the server did not stop"


def bound(ports: Iterable[int] = ANY_PORT) -> socket.socket:
    """Returns a socket on the first of these ports of the loopback that is free."""
    for port in ports:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", port))
            found.listen(128)
        except OSError:
            found.close()
            continue
        return found
    raise RuntimeError(f"no free port in {ports}")


def free_port() -> int:
    """Returns a port of the loopback that nobody uses."""
    with bound() as probe:
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Waits until a condition holds, and returns its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    value = condition()
    assert value, "it did not happen in time"
    return value
