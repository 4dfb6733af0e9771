"""The imported pages in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import delete, func, insert, select

from bot.database.engine import Database
from bot.database.models import StoredFiche, now
from bot.search.archive import Fiche

# A page older than this is not shown as current, unless the operator says so.
FRESH = timedelta(days=548)
AT_ONCE = 200


def replace_all(database: Database, fiches: Iterable[Fiche], trusted: bool) -> int:
    """Replaces every stored page by these, in one transaction; returns how many there are.

    Args:
        database: Where they are kept.
        fiches: The pages; of two with the same id, the latest read is kept.
        trusted: Show them as current whatever their age: the operator says so.
    """
    kept = list({fiche.id: fiche for fiche in fiches}.values())
    moment = now()
    with database.write() as session:
        session.execute(delete(StoredFiche))
        for start in range(0, len(kept), AT_ONCE):
            session.execute(
                insert(StoredFiche),
                [
                    {
                        "id": fiche.id,
                        "title": fiche.title,
                        "url": fiche.url,
                        "theme": fiche.theme,
                        "summary": fiche.summary,
                        "body": fiche.body,
                        "dated": fiche.dated,
                        "trusted": trusted,
                        "imported_at": moment,
                    }
                    for fiche in kept[start : start + AT_ONCE]
                ],
            )
    return len(kept)


def stamp(database: Database) -> str:
    """Returns what changes when pages are imported."""
    with database.read() as session:
        latest, count = session.execute(
            select(func.max(StoredFiche.imported_at), func.count(StoredFiche.id))
        ).one()
    return f"{latest}-{count}"


def all_fiches(database: Database) -> Iterator[StoredFiche]:
    """Yields every stored page."""
    with database.read() as session:
        yield from session.scalars(select(StoredFiche).order_by(StoredFiche.id))


def is_current(dated: date, trusted: bool, today: date) -> bool:
    """Tells whether a page of this day may be shown as current."""
    return trusted or today - dated <= FRESH
