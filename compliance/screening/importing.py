"""A published list into the database: read as a stream, checked, and swapped in as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from compliance.audit import door
from daigou.core import ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import advisory_lock, db, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from .formats import Damaged, Read, eu, ofac, un
from .models import ListEntry, ListVersion
from .rules import LISTS, is_shrunken

BATCH: Final = 1000
SHORTEST: Final = 10  # characters of a reason


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one list; ``alt`` and ``add`` belong to OFAC's only."""

    file: Path
    alt: Path | None = None
    add: Path | None = None

    def paths(self) -> list[Path]:
        return [path for path in (self.file, self.alt, self.add) if path is not None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``changed`` is false when these very files are the current version."""

    code: str
    version: str
    entries: int
    before: int
    changed: bool


def load(actor: Actor, code: str, source: Source, force: str = "") -> Imported:
    """Make ``source`` the current version of list ``code``; everybody known is screened again afterwards.

    Invalid at ``file`` when it is damaged, empty, or lost more than a tenth of its entries; the last one can be forced
    with a reason, which is kept. Run twice with the same files, the second changes nothing.
    """
    require(actor, "screening.import")
    if code not in LISTS:
        raise Invalid({"list": lazy("There is no such list. Known are: %(lists)s.", lists=", ".join(LISTS))})
    version = digest(source)
    with transaction():
        advisory_lock(f"screening_list/{code}")
        before = current(code)
        if before is not None and before.version == version:
            return Imported(code, version, before.entries, before.entries, changed=False)
        made = _fill(code, version, source)
        _refuse_shrunken(before, made, force)
        _swap(actor, before, made)
    return Imported(code, version, made.entries, before.entries if before else 0, changed=True)


def current(code: str) -> ListVersion | None:
    return db.session.execute(select(ListVersion).filter_by(code=code, current=True)).scalar_one_or_none()


def digest(source: Source) -> str:
    """SHA-256 over the files in their order, each with its length, so that none can pass for two."""
    total = sha256()
    for path in source.paths():
        total.update(path.stat().st_size.to_bytes(8, "big"))
        with path.open("rb") as file:
            while piece := file.read(1 << 18):
                total.update(piece)
    return total.hexdigest()


def _fill(code: str, version: str, source: Source) -> ListVersion:
    made = ListVersion(code=code, version=version)
    db.session.add(made)
    db.session.flush()
    try:
        reading = _read(code, source)
        while batch := [_row(made, entry) for entry in islice(reading, BATCH)]:
            db.session.execute(insert(ListEntry), batch)
            made.entries += len(batch)
    except Damaged as damage:
        words = lazy("This file is damaged: %(what)s.", what=str(damage))
        raise Invalid({"file": words}, "screening.damaged") from damage
    return made


def _read(code: str, source: Source) -> Iterator[Read]:
    files = [path.open("rb") if path else None for path in (source.file, source.alt, source.add)]
    try:
        main, alt, add = files
        assert main is not None  # nosec B101: the first path is always given
        yield from ofac.read(main, alt, add) if code == "ofac-sdn" else (un if code == "un" else eu).read(main)
    finally:
        for file in files:
            if file is not None:
                file.close()


def _row(made: ListVersion, entry: Read) -> dict[str, Any]:
    if not entry.names:
        raise Damaged(f"entry {entry.entry_id} has no name")
    return {
        "id": ids.new_id(),
        "list_id": made.id,
        "code": made.code,
        "entry_id": entry.entry_id[:60],
        "kind": entry.kind,
        "names": [name.replace("\0", "") for name in entry.names],
        "countries": list(entry.countries),
        "years": list(entry.years),
        "programme": entry.programme,
        "remarks": entry.remarks.replace("\0", ""),
        "digest": entry.digest,
    }


def _refuse_shrunken(before: ListVersion | None, made: ListVersion, force: str) -> None:
    if not made.entries:
        raise Invalid({"file": lazy("There is no entry in this file.")}, "screening.empty")
    if before is None or not is_shrunken(before.entries, made.entries):
        return
    made.reason = force.strip()
    if len(made.reason) < SHORTEST:
        words = lazy(
            "This version has %(after)d entries and the last one had %(before)d: that much is lost by damage rather "
            "than by law. If it is right, force it and say why.",
            after=made.entries,
            before=before.entries,
        )
        raise Invalid({"file": words}, "screening.shrunken")


def _swap(actor: Actor, before: ListVersion | None, made: ListVersion) -> None:
    if before is not None:
        db.session.execute(update(ListVersion).where(ListVersion.id == before.id).values(current=False))
        db.session.execute(delete(ListEntry).where(ListEntry.list_id == before.id))
    made.current = True
    db.session.flush()
    door.note(
        actor,
        f"screening_list/{made.code}",
        "screening:imported",
        version=made.version,
        entries=made.entries,
        before=before.entries if before else 0,
        forced=bool(made.reason),
        reason_sha256=sha256(made.id.bytes + made.reason.encode()).hexdigest() if made.reason else None,
    )
    outbox.put("screening.rescreen")
