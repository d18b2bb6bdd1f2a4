"""A paper taken in: copied, hashed, sealed and synced, beside AES-GCM over the same bytes in memory."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.house import House
from benchmarks.report import Row
from benchmarks.rounds import interleave
from daigou.core import ids
from daigou.core.access import system
from daigou.core.db import transaction
from daigou.documents import inspection, service

SIZES = (1, 100)  # MiB
FLAT = 4 * 2**20  # bytes of Python's memory that any size may take
PIECE = 64 * 1024
ACTOR = system("benchmark")


def take_in(house: House) -> Iterator[Row]:
    with house.markets[0].app.app_context():
        peaks = {size: peak(size) for size in SIZES}
        flat = max(peaks.values()) < FLAT
        for size in SIZES:
            repeats = max(1, 20 // size)
            runs = {
                "ours": partial(timed, partial(keep, body(size)), size, repeats),
                "bare": partial(timed, partial(encrypt, body(size)), size, repeats),
            }
            rates = {name: median(found) for name, found in interleave(runs, house.rounds).items()}
            part = rates["ours"] / rates["bare"]
            yield Row(
                f"take in a paper of {size} MB", None, f"{rates['ours']:,.0f} MB/s", f"{rates['bare']:,.0f} MB/s", part,
                "memory flat", flat,
                note=f"take in {size} MB: {peaks[size] / 2**20:.1f} MiB of memory at most; copied to a file, hashed, "
                "sealed with the subject's key, written and synced, with its row and log entry",
            )  # fmt: skip


def body(size: int) -> bytes:
    return os.urandom(2**20) * size


def keep(content: bytes) -> None:
    """All but the decoder's process, whose time depends on what is in a file and not on its length."""
    source = inspection.copied(io.BytesIO(content), len(content))
    length, digest = inspection.measured(source)
    checked = inspection.Checked(source, "application/pdf", length, digest)
    with transaction():
        file = service.store(
            ACTOR, f"benchmark/{ids.new_id()}", ids.new_subject(), "identity", "paper", checked,
            allowed=inspection.PAPERS, limit=len(content),
        )  # fmt: skip
    service.storage().delete(file.storage_key)


def encrypt(content: bytes) -> None:
    cipher, view = AESGCM(os.urandom(32)), memoryview(content)
    for start in range(0, len(content), PIECE):
        cipher.encrypt(os.urandom(12), view[start : start + PIECE], None)


def timed(work: Callable[[], None], size: int, repeats: int) -> float:
    """Megabytes in a second."""
    begun = time.perf_counter()
    for _ in range(repeats):
        work()
    return size * repeats / (time.perf_counter() - begun)


def peak(size: int) -> int:
    """The most that Python held beyond the file itself, in bytes."""
    content = body(size)
    keep(content[: 2**20])  # what is loaded once
    tracemalloc.start()
    try:
        keep(content)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
