"""Servers in threads, and waiting for what they do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import uvicorn

# Apart from the service's, which would take Telegram's port during an outage.
PORTS, SERVICE_PORTS = range(8120, 8125), range(8125, 8130)


def listen(ports: Iterable[int] = PORTS) -> socket.socket:
    """Returns a socket that listens on the first of these ports that is free."""
    for port in ports:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen(128)
        except OSError:
            listening.close()
            continue
        return listening
    raise RuntimeError(f"no free port in {ports}")


class Server:
    """Any ASGI application under uvicorn, in a thread."""

    def __init__(self, app: Any, ports: Iterable[int] = PORTS) -> None:
        listening = listen(ports)
        self.port: int = listening.getsockname()[1]
        config = uvicorn.Config(
            app,
            interface="asgi3",
            log_level="error",
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
        """Stops it, through the application's lifespan."""
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive(), "the server did not stop"


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Waits until a condition holds, and returns its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    value = condition()
    assert value, "it did not happen in time"
    return value
