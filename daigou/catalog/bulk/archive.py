"""The archive of photos beside a table: a ZIP file that is only believed in what it can hold.

Nothing is unpacked to a folder. An entry is read by its name, up to a photo's size, and then goes the way of every
upload: type by content, decoded anew in a limited process.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from daigou.catalog.rules import PHOTO_BYTES
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy, nlazy
from daigou.documents.inspection import copied

BYTES_MOST: Final = 200 * 2**20
ENTRIES_MOST: Final = 20_000
DIRECTORY_MOST: Final = 8 * 2**20
"""Bytes of the list of contents, which is read at once."""
UNPACKED_MOST: Final = 2 * 2**30
RATIO_MOST: Final = 100
"""Photos hardly shrink; what unpacks to a hundred times its size is a bomb."""
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22 + 0xFFFF
SHOWN: Final = 5


class Archive:
    """The photos by name. ``read`` answers a file or says in words why there is none."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._entries = {info.filename: info for info in packed.infolist() if not info.is_dir()}

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def open(self, name: str) -> IO[bytes]:
        """One photo, at most PHOTO_BYTES of it; Invalid at ``photos`` when it is larger or damaged."""
        info = self._entries[name]
        if info.file_size > PHOTO_BYTES:
            raise _photo(lazy("It is larger than %(megabytes)s MB.", megabytes=PHOTO_BYTES >> 20))
        try:
            with self._packed.open(info) as packed:
                content = packed.read(PHOTO_BYTES + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
            raise _photo(lazy("It can’t be unpacked.")) from error
        except Exception as error:  # zlib's and lzma's errors have no common kind
            raise _photo(lazy("It can’t be unpacked.")) from error
        return io.BytesIO(content)


def checked(upload: IO[bytes]) -> IO[bytes]:
    """A copy of an archive that may be kept; Invalid at ``archive`` with the names of what may not be in it."""
    copy = _copied(upload)
    try:
        with opened(copy) as archive:
            _refuse_entries(list(archive._entries.values()))
    except BaseException:
        copy.close()
        raise
    return copy


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Archive]:
    _refuse_directory(file)
    try:
        packed = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise _wrong(lazy("This is no ZIP archive that can be read. Pack the photos again.")) from error
    with packed:
        yield Archive(packed)


def _copied(upload: IO[bytes]) -> IO[bytes]:
    try:
        return copied(upload, BYTES_MOST)
    except Invalid as refusal:
        raise _wrong(next(iter(refusal.fields.values()))) from refusal


def _refuse_directory(file: IO[bytes]) -> None:
    """The end record says how long the list of contents is: looked at before anything reads that list."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_SIZE))
    tail = file.read(_END_SIZE)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise _wrong(lazy("This is no ZIP archive that can be read. Pack the photos again."))
    entries, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries > ENTRIES_MOST or length > DIRECTORY_MOST:
        words = nlazy("At most %(num)d photo in one archive.", "At most %(num)d photos in one archive.", ENTRIES_MOST)
        raise _wrong(words)
    file.seek(0)


def _refuse_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRIES_MOST or sum(info.file_size for info in entries) > UNPACKED_MOST:
        raise _wrong(lazy("This archive unpacks to more than we take at once. Send it in parts."))
    bad = [info.filename for info in entries if not _is_harmless(info)]
    if bad:
        shown = ", ".join(name[:80] for name in bad[:SHOWN])
        raise _wrong(
            lazy("These can’t be in the archive: %(names)s. Pack plain photos, without a password.", names=shown)
        )


def _is_harmless(info: zipfile.ZipInfo) -> bool:
    """A plain file under a plain path, not locked, and no bomb."""
    name, mode = info.filename, info.external_attr >> 16
    parts = name.split("/")
    plain = not ({"", ".", ".."} & set(parts) or "\\" in name or ":" in parts[0] or any(ord(c) < 32 for c in name))
    is_file = not mode or stat.S_IFMT(mode) in (0, stat.S_IFREG)
    small = info.file_size <= RATIO_MOST * max(info.compress_size, 1024)
    return plain and is_file and small and not info.flag_bits & 1


def _wrong(words: object) -> Invalid:
    return Invalid({"archive": words}, code="archive.invalid")


def _photo(words: object) -> Invalid:
    return Invalid({"photos": words}, code="archive.photo")
