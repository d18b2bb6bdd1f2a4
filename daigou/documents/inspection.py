"""From an upload to a file that may be kept: counted, decoded by another process, and free of metadata."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from flask import current_app

from daigou.core.errors import Invalid, Unavailable
from daigou.core.i18n import lazy
from daigou.providers.antivirus import NotScanned, Scanner

from . import decoder

log = logging.getLogger(__name__)

SECONDS = 30
COPY = 64 * 1024
# Each decoder may take a gigabyte for a moment: more than two at once per process are made to wait.
_decoders = threading.BoundedSemaphore(2)

IMAGES = frozenset(decoder.IMAGES)
PAPERS = IMAGES | {"application/pdf"}

REASONS = {
    "empty": lazy("This file is empty. Choose the file again."),
    "type": lazy(
        "This kind of file can’t be taken here. Send a JPEG, PNG or WebP picture, or a PDF where papers are asked for."
    ),
    "ambiguous": lazy(
        "This file looks like two kinds of file at once. Save it again as a plain picture or PDF and send that."
    ),
    "pixels": lazy("This picture has more than 40 million pixels. Make it smaller and send it again."),
    "broken": lazy("This file can’t be read to its end. It may have been cut off on its way: send it again."),
    "encrypted": lazy("This PDF is locked with a password. Save a copy without a password and send that."),
    "infected": lazy("A virus scanner found something harmful in this file. It was not kept."),
    "active": lazy("This PDF carries a script, an attached file or an action. Print it into a new PDF and send that."),
}


@dataclass
class Checked:
    """What an upload has turned out to be. ``content`` is an unnamed temporary file that holds what will be kept."""

    content: IO[bytes]
    media_type: str
    size: int
    sha256: str
    pages: int = 1

    def chunks(self) -> Iterator[bytes]:
        self.content.seek(0)
        while chunk := self.content.read(COPY):
            yield chunk

    def close(self) -> None:
        self.content.close()


def check(upload: Any, *, allowed: frozenset[str], limit: int) -> Checked:
    """Read an upload and answer what may be kept of it; Invalid at ``file`` when nothing may.

    ``upload`` is a werkzeug FileStorage or anything readable, ``limit`` is in bytes. Its name and its own claims about
    its type are not looked at.
    """
    source = copied(getattr(upload, "stream", upload), limit)
    try:
        _scan(source)
        kept, verdict = _decode(source, allowed)
    except BaseException:
        source.close()
        raise
    if kept is not source:
        source.close()
    size, digest = measured(kept)
    return Checked(kept, verdict["type"], size, digest, int(verdict.get("pages", 1)))


def refused(code: str) -> Invalid:
    return Invalid({"file": REASONS[code]}, code=f"document.{code}")


def too_big(limit: int) -> Invalid:
    message = lazy(
        "This file is larger than %(megabytes)s MB. Make it smaller and send it again.", megabytes=limit >> 20
    )
    return Invalid({"file": message}, code="document.too_big")


def copied(stream: IO[bytes], limit: int) -> IO[bytes]:
    """No more than ``limit`` bytes are ever read; the copy has no name and dies with this process."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115  handed on
    size = 0
    while chunk := stream.read(COPY):
        size += len(chunk)
        if size > limit:
            copy.close()
            raise too_big(limit)
        copy.write(chunk)
    copy.flush()
    return copy


def _scan(source: IO[bytes]) -> None:
    """Where a scanner is configured, nothing is kept that it has not passed: one that is silent refuses all."""
    scanner: Scanner | None = current_app.extensions.get("scanner")
    if scanner is None:
        return
    try:
        found = scanner.scan(source)
    except NotScanned as error:
        log.error("virus scanner does not answer", extra={"why": str(error)})
        words = lazy("Files can’t be checked for viruses right now, so none is taken. Try again in a few minutes.")
        raise Unavailable("document.not_scanned", words) from error
    if found is not None:
        log.warning("virus found in an upload", extra={"signature": found})
        raise refused("infected")


def _decode(source: IO[bytes], allowed: frozenset[str]) -> tuple[IO[bytes], dict[str, str]]:
    clean = tempfile.TemporaryFile()  # noqa: SIM115  handed on
    try:
        verdict = _ask(source, clean, allowed)
        if "refused" in verdict:
            raise refused(verdict["refused"])
    except BaseException:
        clean.close()
        raise
    if verdict["type"] in IMAGES:
        return clean, verdict
    clean.close()
    return source, verdict


def _ask(source: IO[bytes], clean: IO[bytes], allowed: frozenset[str]) -> dict[str, str]:
    """The decoder's verdict. A decoder that dies of the file has said that the file is broken."""
    out = clean.fileno()
    command = [sys.executable, "-I", decoder.__file__, str(out), *sorted(allowed)]
    if not _decoders.acquire(timeout=SECONDS):
        raise Unavailable("document.busy", lazy("Too many files are being read right now. Try again in a minute."))
    try:
        done = subprocess.run(command, stdin=source, pass_fds=(out,), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise refused("broken") from error
    finally:
        _decoders.release()
    if done.returncode != 0:
        raise refused("broken")
    verdict: dict[str, str] = json.loads(done.stdout)
    return verdict


def measured(content: IO[bytes]) -> tuple[int, str]:
    """Bytes and SHA-256, in hexadecimal."""
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256")  # type: ignore[arg-type]
    return content.tell(), digest.hexdigest()
