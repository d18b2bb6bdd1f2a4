"""Keeping files and giving them out again."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.audit import door, papers
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import Actor, system
from daigou.core.crypto import vault
from daigou.core.db import after_rollback, db, load, transaction
from daigou.core.errors import NotFound, Unavailable
from daigou.core.i18n import lazy
from daigou.core.keystore import KeyDestroyed
from daigou.providers.storage import Away, Missing, Storage

from . import fingerprint as marking
from . import preview as drawing
from . import sealing
from .access import require_access
from .inspection import IMAGES, PAPERS, Checked, check
from .models import StoredFile

__all__ = ["IMAGES", "PAPERS", "check"]  # handed on to other rooms, beside the use cases below


def storage() -> Storage:
    """The running application's storage."""
    found: Storage = current_app.extensions["storage"]
    return found


def store(  # noqa: PLR0913  the contract between the rooms
    actor: Actor,
    about: str,
    subject: str,
    purpose: str,
    kind: str,
    upload: Any,
    *,
    allowed: frozenset[str],
    limit: int,
    public: bool = False,
) -> StoredFile:
    """Keep an upload (or what ``check`` already made of it) about a thing; Invalid at ``file`` when it may not be kept.

    ``about`` is the stream of the thing (``item/<id>``), ``purpose`` one of the vault's, ``limit`` in bytes. Joins the
    running transaction; when that fails, the bytes go too. Public files lie in plain, all others sealed.
    """
    checked = upload if isinstance(upload, Checked) else check(upload, allowed=allowed, limit=limit)
    try:
        with transaction():
            faults.step("document.store")
            file = _row(actor, about, subject, purpose, kind, checked)
            _keep_bytes(file, checked, public)
            faults.point("document.kept")
            db.session.add(file)
            door.note(
                actor, stream(file), "document:stored", subject=subject, file=kind, about=about, sha256=file.sha256
            )
    finally:
        checked.close()
    return file


def _row(actor: Actor, about: str, subject: str, purpose: str, kind: str, checked: Checked) -> StoredFile:
    file = StoredFile(
        ref=ids.new_ref("DOC"),
        subject=subject,
        purpose=purpose,
        kind=kind,
        about=about,
        media_type=checked.media_type,
        size=checked.size,
        pages=checked.pages,
        sha256=checked.sha256,
        uploaded_by=actor.account_id,
    )
    file.storage_key = f"files/{file.id.hex[-2:]}/{file.id.hex}"
    return file


def _keep_bytes(file: StoredFile, checked: Checked, public: bool) -> None:
    chunks: Iterable[bytes] = checked.chunks()
    if not public:
        key = vault().keys.current(file.subject, file.purpose)
        file.data_key_id = key.id
        chunks = sealing.seal(key, _place(file), chunks)
    where = storage()
    after_rollback(partial(where.delete, file.storage_key))
    try:
        where.put(file.storage_key, chunks)
    except Away as error:
        words = lazy("Files can’t be kept at the moment. Nothing was saved: try again in a few minutes.")
        raise Unavailable("document.storage", words) from error


def open_stream(file: StoredFile) -> Iterator[bytes]:
    """The plain bytes in pieces. The first piece is read at once, so that what is gone or damaged is known before it is
    answered: NotFound when the bytes are gone or their key was destroyed, sealing.Damaged when they were changed."""
    try:
        pieces = iter(storage().open(file.storage_key))
        if file.data_key_id is not None:
            pieces = sealing.unseal(vault().keys.by_id, _place(file), pieces)
        return chain([next(pieces, b"")], pieces)
    except (Missing, KeyDestroyed) as error:
        raise NotFound("document.gone", lazy("This file has been deleted.")) from error
    except Away as error:
        words = lazy("Files can’t be read at the moment. Try again in a few minutes.")
        raise Unavailable("document.storage", words) from error


def read(file: StoredFile) -> bytes:
    """All plain bytes at once, checked against the digest: for files that are known to be small."""
    content = b"".join(open_stream(file))
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise sealing.Damaged(f"{file.ref} does not have its digest")
    return content


def preview(file: StoredFile, page: int = 1, width: int = drawing.WIDTH) -> bytes:
    """A PNG of the picture or of one page, at most ``width`` pixels wide; Unavailable when it can't be drawn."""
    if not 1 <= page <= file.pages:
        raise NotFound("document.page", lazy("This paper has no such page."))
    command = [sys.executable, "-I", drawing.__file__, file.media_type, str(page), str(min(width, drawing.WIDTH))]
    try:
        done = subprocess.run(command, input=read(file), capture_output=True, timeout=20, check=True)
    except (subprocess.SubprocessError, sealing.Damaged) as error:
        raise Unavailable("document.no_preview", lazy("This paper can’t be drawn here. Download it.")) from error
    return done.stdout


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``text`` is the PDF's text layer, empty where there is none; ``dhash`` a perceptual hash, or None."""

    text: str
    dhash: int | None


def fingerprint(file: StoredFile) -> Fingerprint:
    """What a file says and looks like; Unavailable when it can't be read. Nothing of the text is kept here."""
    command = [sys.executable, "-I", marking.__file__, file.media_type]
    try:
        done = subprocess.run(command, input=read(file), capture_output=True, timeout=20, check=True)
    except (subprocess.SubprocessError, sealing.Damaged) as error:
        raise Unavailable("document.no_fingerprint", lazy("This paper can’t be read here.")) from error
    return Fingerprint(**json.loads(done.stdout))


def files_about(about: str, kind: str) -> list[StoredFile]:
    """The files of one kind about one thing, oldest first."""
    return files_about_each([about], kind).get(about, [])


def files_about_each(about: Iterable[str], kind: str) -> dict[str, list[StoredFile]]:
    """Like files_about() for many things in one query."""
    statement = (
        select(StoredFile)
        .where(StoredFile.about.in_(list(about)), StoredFile.kind == kind, StoredFile.deleted_at.is_(None))
        .order_by(StoredFile.id)
    )
    found: dict[str, list[StoredFile]] = {}
    for file in db.session.execute(statement).scalars():
        found.setdefault(file.about, []).append(file)
    return found


def find_public(ref: str) -> StoredFile:
    """A file that everybody may see; NotFound for sealed ones too."""
    file = load(StoredFile, ref=ref, deleted_at=None)
    if file.data_key_id is not None:
        raise NotFound("document.not_found", lazy("There is no such thing here, or it is not yours."))
    return file


def view(actor: Actor, ref: str) -> StoredFile:
    """A sealed file for somebody who may read it. That it was read stands in the log before the first byte leaves."""
    with transaction():
        file = load(StoredFile, ref=ref, deleted_at=None)
        require_access(actor, file)
        door.note(actor, stream(file), "document:viewed", subject=file.subject, file=file.kind, about=file.about)
    return file


def destroy(actor: Actor, file: StoredFile, reason: str) -> None:
    """Nobody reads it from now on; its bytes go by job after the commit. ``reason`` is a word for the log."""
    with transaction():
        file.deleted_at = clock.now()
        facts = {"file": file.kind, "about": file.about, "sha256": file.sha256, "reason": reason}
        door.note(actor, stream(file), "document:destroyed", subject=file.subject, **facts)
        outbox.put("document.destroyed", file_id=file.id)


def erase(file_id: UUID) -> None:
    """The bytes of a destroyed file. Those of a file that stands are left alone."""
    with transaction():
        file = load(StoredFile, id=file_id)
    if file.deleted_at is not None:
        storage().delete(file.storage_key)


def stream(file: StoredFile) -> str:
    return f"document/{file.id}"


def exported(streams: list[str], ref: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """For an audit bundle to which a second person agreed: digest and plain bytes of each file that is still kept."""
    keys = [UUID(name.removeprefix("document/")) for name in streams]
    rows = db.session.execute(select(StoredFile).where(StoredFile.id.in_(keys)).order_by(StoredFile.id)).scalars().all()
    for file in rows:
        try:
            pieces = open_stream(file)
        except NotFound:
            continue  # deleted, or its key destroyed: its hash stays in the log
        with transaction():
            facts = {"subject": file.subject, "file": file.kind, "export": ref}
            door.note(system("audit"), stream(file), "document:exported", **facts)
        yield file.sha256, pieces


papers.register(exported)


def _place(file: StoredFile) -> str:
    return f"stored_files|content|{file.id}"
