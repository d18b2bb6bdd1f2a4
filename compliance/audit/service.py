"""The log within the application: its key, a connection of its own, and what commands and jobs do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from flask import current_app

from compliance.audit import bundle, checkpoint, cover, export, fsck, keys, log, note, sealing, sequencer
from compliance.audit.bundle import Filter
from compliance.audit.checkpoint import Keyring
from compliance.audit.export import Papers, Progress, Summary
from compliance.audit.log import Db
from compliance.audit.note import KeyFileError, Signer
from compliance.audit.report import Report
from compliance.audit.sequencer import Run
from daigou.core import clock
from daigou.core.config import Config
from daigou.core.db import Base, db

_SWEEP_MINUTE: Final = 17


def config() -> Config:
    return current_app.extensions["config"]  # type: ignore[no-any-return]


@contextmanager
def connected() -> Iterator[Db]:
    """A psycopg connection of its own, apart from the session: the log's batches commit by themselves."""
    pooled = db.engine.raw_connection()
    connection: Db = pooled.driver_connection  # type: ignore[assignment]
    try:
        connection.autocommit = True
        yield connection
    finally:
        if not connection.closed:
            connection.rollback()
            connection.autocommit = False
        pooled.close()


def signer() -> Signer:
    """The log's key. In the sandbox it is made when it is first needed; a live one is made by hand."""
    path = Path(config().audit_key)
    if config().is_sandbox and not path.exists():
        try:
            return note.create_key_file(path, config().log_origin)
        except KeyFileError:
            pass  # another process was faster: its key it is
    return note.load_key_file(path)


def handovers() -> list[tuple[str, bytes]]:
    """The notes by which the key was handed over, as files of a bundle."""
    with connected() as connection:
        known = keys.history(connection)
    named = [(key, key.handover) for key in known if key.handover]
    return [(f"{bundle.HANDOVERS}{key.size:020d}-{key.vkey.key_id.hex()}", text.encode()) for key, text in named]


def keyring() -> Keyring:
    """The log's key and all that handed over to it."""
    with connected() as connection:
        return keys.ring(connection, config().log_origin, signer().vkey)


def rotate() -> checkpoint.Handover:
    """A new key takes over at the newest checkpoint, by a note that both keys sign; the old file stays aside.

    Nothing is signed meanwhile. One that was interrupted is finished by the next, with the new key's file that it left.
    """
    path, origin = Path(config().audit_key), config().log_origin
    new_path = path.with_name(path.name + ".new")
    with connected() as connection, connection.transaction():
        sequencer.lock(connection)
        old, newest = note.load_key_file(path), log.latest_checkpoint(connection)
        known = keys.history(connection)
        if new_path.exists():
            new = note.load_key_file(new_path)
        else:
            keys.check_signs(connection, [old])
            new = note.create_key_file(new_path, old.name)
        if not known or known[-1].vkey != new.vkey:
            done = keys.hand_over(connection, origin, newest.size if newest else 0, old, new)
        else:
            done = checkpoint.verify_handover(known[-1].handover or "", origin)
    aside = path.with_name(f"{path.name}.{old.vkey.key_id.hex()}")
    aside.unlink(missing_ok=True)
    os.link(path, aside)
    new_path.replace(path)
    return done


def sequence(since: datetime | None = None) -> Run:
    """Give places to the entries made after `since` (None: all that have none) and sign the tree."""
    with connected() as connection:
        return sequencer.run(connection, config().log_origin, [signer()], since)


def sequence_due() -> Run:
    """What the job does every few seconds: what may be new since the last run, and once an hour every entry."""
    if clock.now().astimezone(UTC).minute == _SWEEP_MINUTE:
        return sequence()
    with connected() as connection:
        since = sequencer.due(connection)
    return sequence(since)


def write_bundle(
    out_file: IO[bytes],
    chosen: Filter,
    witness: str | None = None,
    progress: Progress = lambda done, total: None,
    locale: str = "en",
    papers: Papers | None = None,
) -> Summary:
    """Write the bundle with its cover in the officer's language; raises what export.write_bundle raises."""
    key = signer()
    pages = cover.render(config().log_origin, str(key.vkey), chosen, locale)
    extra = [*handovers(), (bundle.COVER, pages)]
    with connected() as connection:
        return export.write_bundle(connection, out_file, chosen, key, witness, progress, extra, papers)


@dataclass(frozen=True, slots=True)
class Wish:
    """A bundle as a command or a job wants it; `recipient` is an age public key, or nobody's in particular."""

    chosen: Filter
    witness: str | None = None
    locale: str = "en"
    recipient: str | None = None
    papers: Papers | None = None


def write_for(out_file: IO[bytes], wish: Wish, progress: Progress = lambda done, total: None) -> Summary:
    """write_bundle, encrypted where a recipient is named. Raises sealing.WrongKey before anything is written."""
    if wish.recipient is None:
        return write_bundle(out_file, wish.chosen, wish.witness, progress, wish.locale, wish.papers)
    sealing.check_recipient(wish.recipient)
    with TemporaryFile() as plain:
        done = write_bundle(plain, wish.chosen, wish.witness, progress, wish.locale, wish.papers)
        plain.seek(0)
        sealing.seal(plain, out_file, wish.recipient)
    return done


def check() -> Report:
    """fsck over every table that the application knows."""
    with connected() as connection:
        return fsck.whole(connection, Base, keyring())
