"""Everything that we hold of one person, as one archive: data.json for machines, data.pdf to read, the papers beside.

Nothing is picked: each table that may hold rows of a person is walked (subject.FATE), each sealed value opened, with
its purpose and where it stands. What is left out is named in the archive, with the reason.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from flask import current_app
from sqlalchemy import LargeBinary, select

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.core import clock
from daigou.core.access import system
from daigou.core.crypto import ERASED
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import NotFound
from daigou.core.i18n import _, format_moment, ngettext
from daigou.documents import service as documents
from daigou.documents.inspection import Checked
from daigou.documents.models import StoredFile
from daigou.notices.service import speaking, tell
from daigou.providers import typesetting

from . import titles
from .models_requests import PrivacyRequest
from .purposes import COLUMNS, PURPOSES
from .requests import COPY
from .rules import COPY_KEPT
from .subject import FATE, Person, models, owned_by, person_with, sealed_of

FORMAT: Final = "daigou-subject-export/1"
SYSTEM: Final = system("privacy")
TEMPLATE: Final = Path(__file__).with_name("copy.typ")
PAPER_ROWS: Final = 200
"""Rows of one table that are set on paper; data.json has them all."""
_BATCH: Final = 500
# Rows that hang on a person's rows without naming them: table, its column, the table it points to.
FOLLOWED: Final = (
    ("parcel_items", "parcel_id", "parcels"),
    ("payment_declines", "attempt_id", "payment_attempts"),
    ("tracking_events", "parcel_id", "parcels"),
)
WITHHELD: Final = {
    "screening_parties": "Comparisons with sanctions lists: the law forbids to tell of them",
    "legal_holds": "Holds of courts and authorities, which they may have asked us not to tell of",
    "application_notes": "Notes by which officers come to a decision, and which name others",
    "legal_packs": "Packs for courts, of which they may have asked us not to tell",
    "erasure_probes": "Only there after an erasure",
    "erasure_remainders": "Only there after an erasure",
    "audit_entries": "Given below by reference, without the officers’ own words",
}
# Secrets that let people in, and numbers of our own housekeeping.
_SKIPPED: Final = frozenset({
    "password_hash", "fingerprint", "data_key_id", "storage_key", "stream_no", "session_epoch", "epoch", "account_key",
    "secret",
})  # fmt: skip


def build(request_id: UUID) -> None:
    """The job. Run twice, the second finds it answered."""
    with transaction():
        row = load_locked(PrivacyRequest, id=request_id)
        if not row.is_("received", "running"):
            return
        door.transition(SYSTEM, row, "begin")
        person = person_with(row.account_id)
    with TemporaryFile() as file:
        write(file, person, row.ref)
        _keep(request_id, person, file)


def _keep(request_id: UUID, person: Person, file: IO[bytes]) -> None:
    size = file.tell()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    with transaction():
        row = load_locked(PrivacyRequest, id=request_id)
        if not row.is_("running"):
            return  # another worker was first, or the account is erased meanwhile
        stored = documents.store(
            SYSTEM, row.stream, person.subject, "account", COPY, Checked(file, "application/zip", size, digest),
            allowed=frozenset(), limit=size,
        )  # fmt: skip
        row.file_id = stored.id
        door.transition(SYSTEM, row, "answer", sha256=digest, size=size)
        _tell(row, person)


def _tell(row: PrivacyRequest, person: Person) -> None:
    with speaking(person.locale, person.zone):
        title = _("The copy of your data is ready")
        until = format_moment(clock.now() + COPY_KEPT)
        body = _("Fetch it until %(when)s. You will be asked for your password.", when=until)
        tell(row.account_id, "privacy.ready", title, body, "/account/privacy", once=row.id)


def write(file: IO[bytes], person: Person, ref: str) -> None:
    """The archive of one person into ``file``, which is left at its end."""
    with speaking(person.locale, person.zone), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        body = gathered(person, ref)
        body["files"] = list(_put_files(archive, person))
        archive.writestr("data.json", json.dumps(body, ensure_ascii=False, indent=1))
        archive.writestr("data.pdf", typesetting.pdf(TEMPLATE.read_text(), _paper(body)))
    file.seek(0, 2)


def gathered(person: Person, ref: str) -> dict[str, Any]:
    """The whole of data.json but the files."""
    records: dict[str, list[dict[str, Any]]] = {}
    personal: list[dict[str, Any]] = []
    for model, rows in _walk(person):
        name = model.__tablename__
        for row in rows:
            records.setdefault(name, []).append(_plain(row) | _opened(row, personal))
    return {
        "format": FORMAT,
        "request": ref,
        "made_at": clock.now().isoformat(),
        "controller": current_app.extensions["config"].base_url,
        "subject": person.subject,
        "purposes": {name: _purpose(name) for name in PURPOSES},
        "personal": personal,
        "records": records,
        "audit": list(_entries(person)),
        "withheld": [{"what": name, "why": why} for name, why in WITHHELD.items()],
    }


def _walk(person: Person) -> Iterator[tuple[Any, Iterator[Any]]]:
    for name in sorted(FATE):
        if name not in WITHHELD:
            model = models()[name]
            yield model, _rows(select(model).where(owned_by(model, person)), model)
    for name, column, parent in FOLLOWED:
        model, above = models()[name], models()[parent]
        theirs = select(above.id).where(owned_by(above, person))
        yield model, _rows(select(model).where(getattr(model, column).in_(theirs)), model)


def _rows(statement: Any, model: Any) -> Iterator[Any]:
    return iter(db.session.scalars(statement.order_by(model.id).execution_options(yield_per=_BATCH)))


def _plain(row: Any) -> dict[str, Any]:
    """Every open column that says something; hashes, ciphertexts and our own housekeeping do not."""
    shown = (c for c in row.__table__.columns if not isinstance(c.type, LargeBinary) and c.key not in _SKIPPED)
    return {c.key: _json(getattr(row, c.key)) for c in shown if getattr(row, c.key) is not None}


def _opened(row: Any, personal: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for name, sealed in sealed_of(type(row)).items():
        value = None if name in _SKIPPED else getattr(row, name)
        if value is None:
            continue
        found[name] = None if value == ERASED else value
        place = f"{row.__tablename__}.{sealed.column}"
        told = {"table": row.__tablename__, "row": str(row.id), "field": name, "purpose": sealed.purpose}
        personal.append({**told, "holds": str(COLUMNS.get(place, "")), "value": found[name]})
    return found


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


def _purpose(name: str) -> dict[str, str]:
    found = PURPOSES[name]
    told = {"name": found.name, "why": found.why, "basis": found.basis, "kept": found.kept, "shared": found.shared}
    return {key: str(words) for key, words in told.items()}


def _entries(person: Person) -> Iterator[dict[str, Any]]:
    """What the log holds about the person or was done by them: by reference, to be looked up in the public tree."""
    for condition in (Entry.subject == person.subject, (Entry.actor == person.subject) & (Entry.subject.is_(None))):
        columns = (Entry.id, Entry.at, Entry.kind, Entry.stream, Entry.stream_no, Entry.outcome, Entry.leaf_hash)
        for row in db.session.execute(select(*columns).where(condition).order_by(Entry.at, Entry.id)):
            told = {"at": row.at.isoformat(), "kind": row.kind, "stream": row.stream, "number": row.stream_no}
            yield {**told, "outcome": row.outcome, "leaf_hash": bytes(row.leaf_hash).hex()}


def _put_files(archive: zipfile.ZipFile, person: Person) -> Iterator[dict[str, Any]]:
    """Papers of the person themselves; an earlier copy is not copied again."""
    rows = select(StoredFile).where(
        StoredFile.subject == person.subject, StoredFile.deleted_at.is_(None), StoredFile.kind != COPY
    )
    for file in db.session.scalars(rows.order_by(StoredFile.id)):
        name = f"files/{file.ref}.{titles.EXTENSIONS.get(file.media_type, 'bin')}"
        told = {"ref": file.ref, "kind": file.kind, "purpose": file.purpose, "sha256": file.sha256}
        try:
            pieces = documents.open_stream(file)
        except NotFound:
            yield {**told, "name": None, "why": "not readable any more"}
            continue
        with archive.open(name, "w") as out:
            for piece in pieces:
                out.write(piece)
        yield {**told, "name": name}


def _paper(body: dict[str, Any]) -> dict[str, Any]:
    """What data.pdf is set of, in the person’s language."""
    return {
        "heading": _("What we hold of you"),
        "foot": f"{body['controller']} · {body['request']} · {body['made_at'][:10]}",
        "lead": _(
            "Made by a program from every table that may hold something of yours. The same stands in data.json, for "
            "other programs to read."
        ),
        "purposes_heading": _("What for, why, and how long"),
        "purposes": [[p["name"], p["why"], p["basis"], p["kept"], p["shared"]] for p in body["purposes"].values()],
        "purposes_head": [_("Purpose"), _("What for"), _("Ground in the law"), _("How long"), _("Who else")],
        "sections": [_section(*found) for found in body["records"].items()],
        "files_heading": _("Files"),
        "files": [[f["ref"], titles.field(f["kind"]), f.get("name") or f.get("why", "")] for f in body["files"]],
        "withheld_heading": _("Left out, and why"),
        "withheld": [[titles.of(row["what"]), row["why"]] for row in body["withheld"]],
        "audit": ngettext(
            "%(num)d entry of the public log is about you. data.json lists it.",
            "%(num)d entries of the public log are about you. data.json lists them.",
            len(body["audit"]),
        ),
        "audit_heading": _("The log"),
    }


def _section(table: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown = [[[titles.field(key), titles.text(value)] for key, value in row.items()] for row in rows[:PAPER_ROWS]]
    left = len(rows) - len(shown)
    more = ngettext("%(num)d more is in data.json.", "%(num)d more are in data.json.", left) if left else ""
    return {"title": titles.of(table), "more": more, "rows": shown}
