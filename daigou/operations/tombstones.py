"""Who was erased, kept for good and apart from the keys: what makes a restored key store forget again.

A tombstone is a subject reference and a purpose; it names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from . import manifest
from .dumping import plain
from .refused import Refused

NAME = "tombstones.jsonl"
_COLUMNS = "subject, purpose, destroyed_at, reason"


def of_store(url: str) -> list[dict[str, str]]:
    """All tombstones of a key store."""
    with psycopg.connect(plain(url)) as connection:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM tombstones ORDER BY subject, purpose").fetchall()  # noqa: S608
    return [_row(*row) for row in rows]


def keep(folder: Path, fresh: Iterable[dict[str, str]]) -> int:
    """Add to the folder's list; nothing ever leaves it. How many it holds."""
    path = folder / NAME
    known = {_key(row): row for row in (manifest.lines(path) if path.is_file() else ())}
    known |= {_key(row): row for row in fresh}
    return manifest.write_lines(path, (known[key] for key in sorted(known)))


def known(keys: Path, live_store: str | None) -> list[dict[str, str]]:
    """From the list beside the key backups and, where it can be asked, from the key store that is in use.

    Refused (tombstones_missing) when there is neither: what was erased since the backup would come back.
    """
    path, found = keys / NAME, {}
    if path.is_file():
        found = {_key(row): row for row in manifest.lines(path)}
    asked = _asked(live_store)
    if asked is None and not path.is_file():
        raise Refused(
            "tombstones_missing",
            f"{path} is not there and no key store answers: who was erased since would be readable again",
        )
    return list({**found, **{_key(row): row for row in asked or ()}}.values())


def replay(url: str, rows: Iterable[dict[str, str]]) -> int:
    """Destroy again what was destroyed, in a restored key store that nobody uses yet; how many keys went."""
    with psycopg.connect(plain(url)) as connection:
        for row in rows:
            connection.execute(
                "INSERT INTO tombstones VALUES (%(subject)s, %(purpose)s, %(destroyed_at)s, %(reason)s)"
                " ON CONFLICT DO NOTHING",
                row,
            )
        done = connection.execute(
            "DELETE FROM data_keys k USING tombstones t WHERE t.subject = k.subject AND t.purpose = k.purpose"
        )
        return done.rowcount


def _asked(url: str | None) -> list[dict[str, str]] | None:
    try:
        return of_store(url) if url else None
    except psycopg.Error:
        return None


def _row(subject: str, purpose: str, destroyed_at: Any, reason: str) -> dict[str, str]:
    return {"subject": subject, "purpose": purpose, "destroyed_at": destroyed_at.isoformat(), "reason": reason}


def _key(row: dict[str, str]) -> tuple[str, str]:
    return row["subject"], row["purpose"]
