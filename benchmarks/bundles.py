"""A bundle of the whole log: written and proved, at two sizes, and how much memory either takes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import audit_fill
from benchmarks.house import House
from benchmarks.reckoning import MIB, watched
from benchmarks.report import Row
from benchmarks.rounds import timed
from benchmarks.trail import ORIGIN
from compliance.audit import export, note, sequencer
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle

LARGEST = 1_000_000
A_MINUTE = LARGEST / 60  # entries a second
FLAT = 64  # MiB that a hundredfold of entries may take more


@dataclass(frozen=True)
class Work:
    """One thing done with a bundle: entries a second, and how many MiB this process grew by."""

    seconds: float
    grown: float


def bundle(house: House) -> Iterator[Row]:
    found = {size: _at(house, size) for size in house.pair(LARGEST)}
    (few, _), (many, _) = found.items()
    for number, (work, goal) in enumerate((("export a bundle", 0.0), ("verify a bundle", A_MINUTE))):
        flat = found[many][number].grown - found[few][number].grown < FLAT
        for size, done in found.items():
            one = done[number]
            rate = size / one.seconds
            yield Row(
                work, size, f"{rate:,.0f}/s", goal="1,000,000 within 60 s" if goal else "flat memory",
                met=None if size == few else rate >= goal if goal else flat,
                latency=f"{one.seconds:.1f} s, +{one.grown:.0f} MiB", value=rate,
                note="bundles: every entry of a log, its proofs, checkpoints and keys; the last column is the whole "
                "time and what this process grew by at its peak (PSS)",
            )  # fmt: skip


def _at(house: House, size: int) -> tuple[Work, Work]:
    name = f"bundle_{size}"
    house.database(name)
    with tempfile.TemporaryDirectory() as folder, _link(house, name) as link:
        audit_fill.fill(link, size)
        key, path = note.generate(ORIGIN), Path(folder) / "trail.zip"
        sequencer.run(link, ORIGIN, [key])
        with path.open("wb") as file:
            written = _watched(lambda: export.write_bundle(link, file, Filter(), key))
        proved = _watched(lambda: _verify(path, str(key.vkey)))
    return written, proved


def _link(house: House, name: str) -> closing[psycopg.Connection]:
    return closing(psycopg.connect(house.stack.url(name), autocommit=True))


def _verify(path: Path, vkey: str) -> None:
    report = verify_bundle(path, vkey)
    if report.exit_code:
        raise RuntimeError(report.lines())


def _watched(work: Callable[[], object]) -> Work:
    with watched() as peak:
        seconds, _ = timed(work)
    return Work(seconds, (peak[1] - peak[0]) / MIB)
