"""The proof of an erasure: what was known of somebody is looked for everywhere, in every shape, and is not there.

Nothing is taken from the models: the tables searched are those that the database has, the files those that the storage
has. A sealed value is tried to be opened. What is printed names places, never the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import select, text

from daigou.core.crypto import normalised
from daigou.core.db import db

from . import needles
from .models_requests import Probes, Remainder
from .proof import pieces, rows, seals
from .proof.report import Known, Report


def known(user: str, more: Iterable[str] = ()) -> Known:
    """From an e-mail address, a subject or the reference of the request; ``more`` are words from outside.

    The words kept at the erasure are there for a month; afterwards only what is given here can be looked for.
    """
    for row in db.session.scalars(select(Probes).order_by(Probes.id.desc())):
        words = row.words if isinstance(row.words, list) else []
        if user in (row.erased_subject, row.request_ref) or normalised(user) in map(normalised, words):
            return _known([*words, *more], row.erased_subject)
    return _known([user, *more], None) if "@" in user else _known(more, user)


def _known(words: Iterable[str], subject: str | None) -> Known:
    return Known(tuple(dict.fromkeys(words)), subject, _kept(subject) if subject else {})


def prove(who: Known, logs: Iterable[Path] = (), *, part: str = "") -> Report:
    """Search the running application's places; ``part`` comes before their names (a restored backup's)."""
    report, wanted = Report(), needles.of(who.words)
    rows.search(report, wanted, part)
    rows.look_up(report, who, part)
    seals.try_opening(report, who, part)
    pieces.search_storage(report, wanted, part)
    if not part:
        _say_what_fades(report)
        pieces.search_redis(report, wanted)
        for folder in logs:
            pieces.search_folder(report, wanted, folder)
    return report


_WRITTEN_AHEAD = "SELECT current_setting('max_wal_size'), current_setting('archive_mode')"


def _say_what_fades(report: Report) -> None:
    """What nobody can search, and what bounds it: docs/privacy.md, "Traces that fade by themselves"."""
    size, archives = db.session.execute(text(_WRITTEN_AHEAD)).one()
    keyless = "ciphertexts without their key"
    report.left_out["dead rows"] = f"{keyless}, until the next vacuum of their table"
    report.left_out["write-ahead log"] = f"{keyless}, overwritten within max_wal_size ({size}) or at a checkpoint"
    report.left_out["archived write-ahead log"] = (
        "none is made here (archive_mode is off)"
        if archives == "off"
        else f"{keyless}, kept as long as the archive keeps them; the archive of the key store is the one that counts"
    )
    kept = "they hold the wrapped key until they expire (backup --keep-keys: 7 days)"
    report.left_out["backups of the key store"] = kept


def _kept(subject: str) -> dict[str, tuple[date, str]]:
    found = db.session.scalars(select(Remainder).filter_by(subject=subject, gone_at=None))
    return {row.purpose: (row.until, row.source) for row in found}
