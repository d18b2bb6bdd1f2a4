"""Making a legal pack: gathered from every room, zipped, signed by the log's key, sealed under its subject's key."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import update

from compliance.audit import bundle, checkpoint, door, note, service
from compliance.audit.bundle import Filter
from compliance.audit.export import NothingToExport
from compliance.audit.log import LogDamaged
from daigou.core import outbox, pieces
from daigou.core.access import system
from daigou.core.crypto import vault
from daigou.core.db import load_locked, transaction
from daigou.core.errors import NotFound
from daigou.documents import sealing
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import contents, packs
from .contents import Contents
from .models import LegalPack

FORMAT: Final = "daigou-legal-pack/1"
SYSTEM: Final = system("casework")
_CHUNK: Final = 1 << 18
_EXTENSIONS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

Files = dict[str, dict[str, Any]]


def build(pack_id: UUID) -> None:
    """The job. Safe to run twice: what is ready or has failed for good stays so."""
    row = _begin(pack_id)
    if row is None:
        return
    with TemporaryFile() as file:
        try:
            files = write(row, file, partial(_tell, row.id))
        except (LogDamaged, NothingToExport) as error:
            _fail(row, "damaged" if isinstance(error, LogDamaged) else "nothing")
            return
        size, digest = pieces.measure(file)
        key = f"packs/{row.id.hex}"
        data_key = vault().keys.current(row.subject, "transaction")
        documents.storage().put(key, sealing.seal(data_key, packs.place(row), pieces.chunks(file)))
    _finish(row, key, size, digest, len(files))


def _begin(pack_id: UUID) -> LegalPack | None:
    with transaction():
        row: LegalPack = load_locked(LegalPack, id=pack_id)
        if row.is_("requested") and packs.may_build(row):
            door.transition(SYSTEM, row, "build")
        return row if row.is_("building") else None


def write(row: LegalPack, out: IO[bytes], tell: Callable[[int], object]) -> Files:
    """The zip; its files by name with size and hash, as the manifest has them."""
    service.sequence_due()  # what was written a moment ago belongs into the trail too
    files: Files = {}
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=3) as archive, TemporaryFile() as timeline:
        found = contents.gather(row, timeline)
        add = partial(_add, archive, files)
        add("COVER.pdf", [contents.cover(row, found)])
        tell(20)
        add("timeline.json", pieces.chunks(timeline))
        add("money.csv", [_table(found.money)])
        tell(30)
        with TemporaryFile() as trail:
            service.write_for(trail, service.Wish(Filter(order_ref=row.order_ref), locale=row.locale))
            add("trail.zip", pieces.chunks(trail))
        tell(70)
        if row.with_people:
            add("tracking.json", [_json(found.tracking)])
            add("messages.json", [_json(found.messages)])
            _add_papers(row, found, add)
        tell(95)
        _sign(archive, row, files)
    return files


def _add(archive: ZipFile, files: Files, name: str, pieces: Iterable[bytes]) -> None:
    digest, size = sha256(), 0
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
            digest.update(piece)
            size += len(piece)
    files[name] = {"sha256": digest.hexdigest(), "size": size}


def _add_papers(row: LegalPack, found: Contents, add: Callable[[str, Iterable[bytes]], None]) -> None:
    """Each opening stands in the log before the first byte is read; what was deleted stays as its hash in the trail."""
    for file in found.papers:
        try:
            pieces = documents.open_stream(file)
        except NotFound:
            continue
        with transaction():
            facts = {"subject": file.subject, "file": file.kind, "export": row.ref}
            door.note(SYSTEM, documents.stream(file), "document:exported", **facts)
        add(name_of(file), pieces)


def name_of(file: StoredFile) -> str:
    return f"documents/{file.kind}-{file.ref}.{_EXTENSIONS.get(file.media_type, 'bin')}"


def _sign(archive: ZipFile, row: LegalPack, files: Files) -> None:
    said = {"format": FORMAT, "pack": row.ref, "about": row.about_ref, "order": row.order_ref, "files": dict(files)}
    manifest = bundle.json_bytes(said)
    archive.writestr("manifest.json", manifest)
    text = checkpoint.manifest_text(checkpoint.manifest_digest(manifest))
    archive.writestr("manifest.note", note.make(text, [service.signer()]))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _table(rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _tell(pack_id: UUID, percent: int) -> None:
    with transaction() as session:
        session.execute(update(LegalPack).where(LegalPack.id == pack_id).values(progress=percent))


def _finish(row: LegalPack, key: str, size: int, digest: str, files: int) -> None:
    with transaction():
        done: LegalPack = load_locked(LegalPack, id=row.id)
        if not done.is_("building"):
            return  # another run was faster
        done.storage_key, done.size, done.sha256, done.files, done.progress = key, size, digest, files, 100
        door.transition(SYSTEM, done, "finish", sha256=digest, size=size, files=files)
        outbox.put("pack.ready", pack_id=done.id)


def _fail(row: LegalPack, error: str) -> None:
    with transaction():
        failed: LegalPack = load_locked(LegalPack, id=row.id)
        failed.error = error
        door.transition(SYSTEM, failed, "fail", error=error)
