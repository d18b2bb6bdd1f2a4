"""A bundle on its way into a zip: rows come by server-side cursors, files are hashed as they are written."""

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from compliance.audit import bundle
from compliance.audit.bundle import Filter
from compliance.audit.log import Db, StoredCheckpoint

FETCH: Final = 5_000


@dataclass
class Job:
    """One bundle on its way."""

    connection: Db
    zip: ZipFile
    chosen: Filter
    newest: StoredCheckpoint
    first: int = 0
    end: int = 0
    shown: int = 0
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        times = {"since": self.chosen.since, "until": self.chosen.until}
        return {
            "first": self.first,
            "end": self.end,
            "size": self.newest.size,
            **times,
            **self.chosen.facets(),
        }

    def value(self, statement: str) -> Any:
        row = self.connection.execute(statement, self.values).fetchone()
        return row[0] if row else None

    def rows(self, statement: str) -> Iterator[Any]:
        """Rows of a server-side cursor, fetched a few thousand at a time."""
        with self.connection.cursor(name="audit_export", binary=True) as cursor:
            cursor.itersize = FETCH
            yield from cursor.execute(statement, self.values)

    @contextmanager
    def member(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """A file in the zip, and in the manifest with its size and hash when it ends."""
        info = ZipInfo(name)
        info.external_attr = 0o644 << 16
        # Hashes do not shrink; trying would only cost time.
        info.compress_type = ZIP_STORED if name == bundle.LEAVES else ZIP_DEFLATED
        digest, size = sha256(), 0
        with self.zip.open(info, "w", force_zip64=True) as file:

            def write(data: bytes) -> None:
                nonlocal size
                file.write(data)
                digest.update(data)
                size += len(data)

            yield write
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        with self.member(name) as write:
            for part in parts:
                write(part)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
