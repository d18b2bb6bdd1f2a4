"""Where bytes lie: a folder on this machine, or a bucket that speaks S3. Neither looks at what it keeps."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

CHUNK = 64 * 1024
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(/[a-z0-9][a-z0-9_-]{0,63}){0,5}")


class Missing(LookupError):
    """Nothing lies under this key."""


class Away(RuntimeError):
    """The storage does not answer, refuses us, or has no room left. Nothing was kept under the key."""


class Storage(Protocol):
    """Where bytes lie. Each of these raises Away when the place itself is at fault."""

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Keep all chunks under ``key`` or nothing at all; how many bytes there were."""

    def open(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces. Missing when there are none, before the first piece."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Gone afterwards, whether or not it was there."""

    def keys(self) -> Iterator[str]:
        """Every key that something lies under, also what no row names any more."""


def from_url(url: str) -> Storage:
    """``file:///var/lib/daigou`` or ``s3://bucket/prefix?endpoint=https://…&region=…`` (STORAGE_URL)."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return Bucket(parts.netloc, parts.path.strip("/"), options.get("endpoint"), options.get("region"))
    raise ValueError(f"no storage speaks {parts.scheme!r}")


def checked(key: str) -> str:
    """A key as we make them: lower-case names between slashes. Nothing else ever reaches a file system."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


class Folder:
    """Files below one folder, readable by their owner only. A file is there whole or not at all, also after a crash."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        target = self._path(key)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            with _disk():
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            size = _write(draft, chunks)
            with _disk():
                os.replace(draft, target)
                _sync_folder(target.parent)
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        return size

    def open(self, key: str) -> Iterator[bytes]:
        with _disk():
            try:
                source = open(self._path(key), "rb")  # noqa: SIM115  closed by the generator below
            except FileNotFoundError as error:
                raise Missing(key) from error
        return _pieces(source)

    def exists(self, key: str) -> bool:
        with _disk():
            return self._path(key).is_file()

    def delete(self, key: str) -> None:
        with _disk():
            self._path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        for path in sorted(self.root.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield str(path.relative_to(self.root))

    def _path(self, key: str) -> Path:
        return self.root / checked(key)


@contextmanager
def _disk() -> Iterator[None]:
    """A full, broken or read-only disk is the place's fault, not that of who wanted to keep something there."""
    try:
        yield
    except OSError as error:
        raise Away(f"{type(error).__name__}: {error.strerror}") from error


def _write(path: Path, chunks: Iterable[bytes]) -> int:
    """What the chunks' source raises is not the disk's."""
    with _disk():
        out = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)  # noqa: SIM115
    size = 0
    with out:
        for chunk in chunks:
            with _disk():
                size += _whole(out, chunk)
        with _disk():
            os.fsync(out.fileno())
    return size


def _whole(out: Any, chunk: bytes) -> int:
    """Unbuffered, so that a full disk is known at once; a write may take a part only."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[out.write(rest) :]
    return len(chunk)


def _sync_folder(folder: Path) -> None:
    """The new name itself must survive a power cut, not only the bytes behind it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pieces(source: Any) -> Iterator[bytes]:
    with source:
        while piece := source.read(CHUNK):
            yield piece


class Bucket:
    """An S3-compatible bucket through boto3, loaded on first use. Credentials come from boto3's own places."""

    def __init__(self, name: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        self.name = name
        self.prefix = prefix
        self._options = {"endpoint_url": endpoint, "region_name": region}
        self._made: Any = None

    @property
    def client(self) -> Any:
        if self._made is None:
            import boto3
            from botocore.config import Config

            settings = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})
            self._made = boto3.session.Session().client("s3", config=settings, **self._options)
        return self._made

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        from boto3.s3.transfer import TransferConfig

        reader = _Reader(chunks)
        # Without threads: a piece at a time, so memory stays at one part, and a failing source aborts the upload.
        with _bucket():
            self.client.upload_fileobj(reader, self.name, self._key(key), Config=TransferConfig(use_threads=False))
        return reader.size

    def open(self, key: str) -> Iterator[bytes]:
        with _bucket():
            try:
                found = self.client.get_object(Bucket=self.name, Key=self._key(key))
            except self.client.exceptions.NoSuchKey as error:
                raise Missing(key) from error
        return iter(found["Body"].iter_chunks(CHUNK))

    def exists(self, key: str) -> bool:
        from botocore.exceptions import ClientError

        with _bucket():
            try:
                self.client.head_object(Bucket=self.name, Key=self._key(key))
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return False
                raise
        return True

    def delete(self, key: str) -> None:
        with _bucket():
            self.client.delete_object(Bucket=self.name, Key=self._key(key))

    def keys(self) -> Iterator[str]:
        prefix = f"{self.prefix}/" if self.prefix else ""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
            yield from (row["Key"].removeprefix(prefix) for row in page.get("Contents", ()))

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{checked(key)}" if self.prefix else checked(key)


@contextmanager
def _bucket() -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        raise Away(f"{type(error).__name__}: {error}") from error


class _Reader:
    """A readable file over an iterator of chunks, which is what boto3 uploads from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self.size = 0

    def read(self, amount: int = -1) -> bytes:
        while amount < 0 or len(self._rest) < amount:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        cut = len(self._rest) if amount < 0 else amount
        piece, self._rest = self._rest[:cut], self._rest[cut:]
        self.size += len(piece)
        return piece
