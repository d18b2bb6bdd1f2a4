"""What was measured when: kept as data in benchmarks/measured.json, told in docs/benchmarks.md.

A run of a part of the rows replaces these rows and leaves the others, each with the day it was measured.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.report import Row, growth, notes, table

DATA = Path(__file__).with_name("measured.json")
TARGET = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
INTRODUCTION = """# How fast it is

Written by `make bench` (the everyday rows, a quarter of an hour) and `make bench-large` (a million entries and more).
Ours and its bare limit take turns within one run, round by round; medians are shown. Ratios hold from machine
to machine, absolutes don't. What a bare limit does stands in benchmarks/bare.py and in the notes; it runs on the same
server with the same flags, beside the same database. No test fails on a time."""


@dataclass(frozen=True)
class Run:
    """One call of the benchmarks: when it began, how long it took, on what."""

    at: str
    seconds: float
    about: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """The rows of one benchmark and the run they are of."""

    rows: Sequence[Row]
    run: Run


@dataclass
class Record:
    """``parts``: by section (everyday, large) and the benchmark's name, in the order they are told."""

    parts: dict[str, dict[str, Outcome]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = DATA) -> Record:
        if not path.exists():
            return cls()
        kept = json.loads(path.read_text())
        runs = {run["at"]: Run(**run) for run in kept["runs"]}
        return cls(
            {
                section: {
                    name: Outcome([Row(**row) for row in one["rows"]], runs[one["run"]]) for name, one in found.items()
                }
                for section, found in kept["parts"].items()
            }
        )

    def merge(self, section: str, run: Run, found: Mapping[str, Sequence[Row]], order: Iterable[str]) -> None:
        """Put these rows in the place of the same benchmarks' old ones; benchmarks that are no more fall out."""
        mine = self.parts.get(section, {}) | {name: Outcome(rows, run) for name, rows in found.items()}
        self.parts[section] = {name: mine[name] for name in order if name in mine}

    def write(self, data: Path = DATA, target: Path = TARGET) -> None:
        parts = {
            section: {
                name: {"run": one.run.at, "rows": [asdict(row) for row in one.rows]} for name, one in found.items()
            }
            for section, found in self.parts.items()
        }
        runs = {one.run.at: asdict(one.run) for found in self.parts.values() for one in found.values()}
        kept = {"runs": [runs[at] for at in sorted(runs)], "parts": parts}
        data.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        target.write_text(self.document())
        print(f"written to {target.name} and {data.name}", file=sys.stderr)

    def document(self) -> str:
        told = [_section(title, self.parts[key]) for key, title in SECTIONS.items() if self.parts.get(key)]
        return "\n\n".join([INTRODUCTION, *told]) + "\n"


SECTIONS = {"everyday": "Every day", "large": "A million and more"}


def _section(title: str, parts: Mapping[str, Outcome]) -> str:
    runs = {one.run.at: one.run for one in parts.values()}
    rows = [row for one in parts.values() for row in one.rows]
    days = [one.run.at for one in parts.values() for _ in one.rows] if len(runs) > 1 else None
    texts = [f"## {title}", _list(_of(run, parts) for run in runs.values()), table(rows, days)]
    if grown := growth(rows):
        texts += ["### How the cost grows", _list(grown)]
    if told := notes(rows):
        texts += ["### Notes", _list(told)]
    return "\n\n".join(texts)


def _of(run: Run, parts: Mapping[str, Outcome]) -> str:
    names = [name for name, one in parts.items() if one.run.at == run.at]
    which = "all rows" if len(names) == len(parts) else ", ".join(names)
    return f"{run.at}, {run.seconds:.0f} s ({which}): {'; '.join(run.about)}"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
