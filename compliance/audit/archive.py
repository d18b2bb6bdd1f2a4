"""Reading a zip from a stranger: nothing is unpacked to disk, nothing is trusted, everything streams."""

import zlib
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from compliance.audit.report import Report
from compliance.audit.sealing import HEADERS

MAX_MEMBERS: Final = 100_000
CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class Damaged(Exception):
    """A member of the zip can't be read to its end. The message names it."""


class Archive:
    """A zip whose members are read by name, once their names are known to be harmless."""

    def __init__(self, file: ZipFile) -> None:
        self._zip = file
        self._digests: dict[str, str] = {}
        self._members: dict[str, ZipInfo] = {info.filename: info for info in file.infolist()}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def size(self, name: str) -> int:
        """Bytes, as the zip says. Reading never goes beyond it."""
        return self._members[name].file_size

    def chunks(self, name: str, size: int = CHUNK) -> Iterator[bytes]:
        """The member's bytes in pieces of `size`; raises Damaged."""
        try:
            with self._zip.open(self._members[name]) as file:
                while data := file.read(size):
                    yield data
        except _DAMAGE as error:
            raise Damaged(f"{name} is damaged within the zip: {error}") from None

    def lines(self, name: str, limit: int) -> Iterator[bytes]:
        """The member's lines, without their line feeds; raises Damaged for one longer than `limit`."""
        rest = b""
        # zipfile's own readline asks for a few bytes at a time, and takes several times as long.
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if len(rest) > limit:
                raise Damaged(f"{name} has a line longer than {limit} bytes")
        if rest:
            yield rest

    def read(self, name: str, limit: int = CHUNK) -> bytes:
        """A small member whole; raises Damaged if it is missing, or larger than `limit`."""
        if name not in self:
            raise Damaged(f"{name} is missing")
        if self.size(name) > limit:
            raise Damaged(f"{name} is larger than {limit} bytes")
        return b"".join(self.chunks(name))

    def digest(self, name: str) -> str:
        """SHA-256 in hex, read once however often it is asked for; raises Damaged."""
        if name not in self._digests:
            value = sha256()
            for chunk in self.chunks(name):
                value.update(chunk)
            self._digests[name] = value.hexdigest()
        return self._digests[name]


def open_zip(path: Path, report: Report) -> ZipFile | None:
    """The zip at `path`; None, with a finding, if it is none."""
    try:
        with path.open("rb") as file:
            magic = file.read(64)
    except OSError as error:
        report.readable = False
        report.add("unreadable", f"{path} can't be read: {error.strerror}")
        return None
    try:
        return ZipFile(path)
    except (*_DAMAGE, OverflowError, MemoryError):
        report.readable = magic[:4] == b"PK\x03\x04"
        if magic.startswith(HEADERS):
            report.add("encrypted", f"{path} is encrypted with age: give the key that it is for with --identity")
        elif report.readable:
            report.add("cut_short", "the zip is cut short or damaged: its directory of files is not at its end")
        else:
            report.add("unreadable", f"{path} is not a zip")
        return None


def check_names(file: ZipFile, report: Report) -> bool:
    """Findings for members that no bundle has: doubled, outside, encrypted. True if there are none."""
    members = file.infolist()
    if len(members) > MAX_MEMBERS:
        report.add("too_many_files", f"the zip has {len(members)} files")
        return False
    doubled = [name for name, count in Counter(m.filename for m in members).items() if count > 1]
    for name in doubled:
        report.add("duplicate_name", f"{name!r} is there more than once: two readers would see two bundles")
    odd = [member for member in members if not _is_harmless(member)]
    for member in odd:
        report.add("unsafe_name", f"{member.orig_filename!r} is no name for a file in a bundle")
    return not doubled and not odd


def _is_harmless(member: ZipInfo) -> bool:
    # orig_filename: zipfile cuts a name at its first NUL, other readers may not.
    name = member.orig_filename
    parts = name.split("/")
    plain = name.isascii() and name.isprintable() and not set(name) & set('\\:*?"<>|')
    whole = all(part not in ("", ".", "..") for part in parts)
    known = member.compress_type in (ZIP_STORED, ZIP_DEFLATED)
    return plain and whole and known and not member.flag_bits & _ENCRYPTED
