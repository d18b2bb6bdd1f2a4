"""Figures as rows, on the terminal and in docs/benchmarks.md; benchmarks/record.py keeps them."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HEAD = ("work", "size", "ours", "bare limit", "ratio", "goal", "met", "SQL", "p50 / p99")


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


def table(rows: Sequence[Row], days: Sequence[str] | None = None) -> str:
    """``days``: when each row was measured, where that differs."""
    more = ("measured",) if days else ()
    head = (*HEAD, *more)
    cells = [(*row.cells(), *((days[n],) if days else ())) for n, row in enumerate(rows)]
    lines = [head, ("---",) * len(head), *cells]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
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
            found.append(f"{work}: {after / before:.2f} x the rate at {large // small} x the size")
    return found


def notes(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.note for row in rows if row.note))


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
