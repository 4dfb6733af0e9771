"""A private PostgreSQL cluster on a loopback port, where PostgreSQL is installed."""

from __future__ import annotations

import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.serving import free_port, until

HOMES = Path("/usr/lib/postgresql")
# The data are worth nothing after the tests: nothing waits for the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
}


class Cluster:
    """A running cluster.

    Args:
        programs: Folder of initdb and postgres.
        folder: Where its data go; belongs to whoever runs it.
        user: Who runs it; PostgreSQL refuses root.
    """

    def __init__(self, programs: Path, folder: Path, user: str) -> None:
        self._numbers = itertools.count()
        self._as_user = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
        self._data = data = folder / "data"
        self._run(
            [programs / "initdb", "-D", data, "-U", "tests", "--auth=trust", "--no-sync",
             "--encoding=UTF8", "--locale=C"]
        )  # fmt: skip
        self._address = f"postgresql://tests@127.0.0.1:{(port := free_port())}"
        options = [f"-c{name}={value}" for name, value in {**SETTINGS, "port": port}.items()]
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [*self._as_user, programs / "postgres", "-D", data, *options],
            cwd=folder, stdout=self._log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        until(self._answers)

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run([*self._as_user, *command], cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def _answers(self) -> bool:
        assert self._process.poll() is None, Path(self._log.name).read_text(errors="replace")
        try:
            psycopg.connect(f"{self._address}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def new_database(self) -> str:
        """Returns the URL of a new, empty database."""
        name = f"passerelle_{next(self._numbers)}"
        with psycopg.connect(f"{self._address}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return f"{self._address}/{name}"

    def stop(self) -> None:
        """Stops it without ceremony: the data are worth nothing."""
        # The server itself: runuser stands between it and us.
        os.kill(int((self._data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        self._process.wait(20)
        self._log.close()


def programs() -> Path | None:
    """Returns the folder of the latest PostgreSQL that is installed, or None."""
    found = [path.parent for path in HOMES.glob("*/bin/initdb")]
    if in_path := shutil.which("initdb"):
        found.append(Path(in_path).resolve().parent)
    return max(found, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))] or [0],
               default=None)  # fmt: skip


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A cluster for the whole session; tests that need it are skipped where there is none."""
    installed = programs()
    if installed is None:
        pytest.skip(f"No PostgreSQL: initdb is neither under {HOMES} nor in PATH.")
    user = "postgres"
    is_root = os.geteuid() == 0
    if is_root and user not in {entry.pw_name for entry in pwd.getpwall()}:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user « postgres ».")
    # Not pytest's own folder, which only we can enter.
    with tempfile.TemporaryDirectory(prefix="passerelle-pg-", ignore_cleanup_errors=True) as name:
        if is_root:
            shutil.chown(name, user)
        cluster = Cluster(installed, Path(name), user)
        yield cluster
        cluster.stop()
