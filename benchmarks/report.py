"""Figures as rows, on the terminal and in docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEAD = ("work", "listings", "ours", "bare limit", "ratio", "goal", "met", "SQL", "p50 / p99")


@dataclass(frozen=True)
class Row:
    """One kind of work at one size. ``met`` is None where there is no goal or no figure."""

    work: str
    size: int | None
    ours: str
    limit: str = "-"
    ratio: float | None = None
    goal: str = "-"
    met: bool | None = None
    sql: str = "-"
    latency: str = "-"
    note: str = ""
    value: float | None = None  # what `ours` says, as a number: how the cost grows is computed from it

    def cells(self) -> tuple[str, ...]:
        size = f"{self.size:,}" if self.size else "-"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        met = {True: "yes", False: "**no**", None: "-"}[self.met]
        return (self.work, size, self.ours, self.limit, ratio, self.goal, met, self.sql, self.latency)


def missing(work: str, why: str) -> Row:
    return Row(work, None, "not measured", note=f"{work}: {why}")


def table(rows: Sequence[Row]) -> str:
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    return "\n".join(
        "| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def growth(rows: Sequence[Row]) -> list[str]:
    """For each work measured at two sizes: what a hundredfold of data makes of it."""
    found = []
    for work in dict.fromkeys(row.work for row in rows):
        sizes = sorted((row.size, row.value) for row in rows if row.work == work and row.size and row.value)
        if len(sizes) > 1:
            (small, before), (large, after) = sizes[0], sizes[-1]
            found.append(f"{work}: {after / before:.2f} x the rate at {large // small} x the listings")
    return found


def machine() -> str:
    named = (line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name"))
    model = next(named, platform.machine())
    packages = ("flask", "granian", "sqlalchemy", "psycopg", "jinja2", "redis", "cryptography")
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    system = f"{platform.system()} {platform.release()}; Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model}), {gigabytes:.0f} GiB, {system}, {versions}"


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def document(rows: Sequence[Row], about: Sequence[str], took: float) -> str:
    notes = [row.note for row in rows if row.note]
    return "\n".join(
        [
            "# How fast it is",
            "",
            "Written by `make bench`. Ours and its bare limit take turns within one run, round by round; medians are",
            "shown. Ratios hold from machine to machine, absolutes don't. What a bare limit does stands in",
            "benchmarks/bare.py; it runs on the same server with the same flags, beside the same database. No test",
            "fails on a time.",
            "",
            *(f"- {line}" for line in (f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {took:.0f} s", machine(), *about)),
            "",
            table(rows),
            "",
            "## How the cost grows",
            "",
            *(f"- {line}" for line in growth(rows)),
            "",
            "## Notes",
            "",
            *(f"- {line}" for line in dict.fromkeys(notes)),
            "",
        ]
    )


def write(rows: Sequence[Row], about: Sequence[str], took: float) -> None:
    TARGET.write_text(document(rows, about, took))
    print(f"written to {TARGET.relative_to(TARGET.parent.parent)}", file=sys.stderr)
