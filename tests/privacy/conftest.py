"""A real SQLite file with a counsellor in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database.engine import Database
from bot.database.models import (
    Base,
    Counsellor,
    CounsellorCommune,
    Role,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(found.engine)
    with found.write() as session:
        session.add(
            Counsellor(
                id=7, email="c@exemple.fr", name="Camille Dutest", role=Role.COUNSELLOR,
                password_hash="x",
            )
        )  # fmt: skip
        session.flush()
        session.add(CounsellorCommune(counsellor_id=7, commune="demo"))
    yield found
    found.close()
