"""Pure rules of inspections: what is looked at, and what a verdict needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daigou.core.states import Machine, move

INSPECTION = Machine(
    "inspection",
    "open",
    move("conclude", "open", "concluded", "item.inspect"),
)

PHOTOS_NEEDED = 3

VERDICTS = ("conformant", "non_conformant", "damaged")  # EPCIS dispositions (CBV 2.0)
RESULTS = ("pass", "fail", "not_applicable")
PHOTOS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    result: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an inspector sends in: a finding per check, and the verdict."""

    checks: Mapping[str, Finding]
    verdict: str
    serial: str = ""
    remarks: str = ""


def objections(findings: Findings, wanted: Sequence[str], photos: int) -> list[tuple[str, str]]:
    """(field, code) of everything that keeps the inspection open; empty when it may be concluded."""
    found = [(f"check-{key}", "missing") for key in wanted if key not in findings.checks]
    found += [(f"check-{k}", "result") for k, f in findings.checks.items() if f.result not in RESULTS]
    found += [(f"note-{k}", "note") for k, f in findings.checks.items() if f.result == "fail" and not f.note.strip()]
    if photos < PHOTOS_NEEDED:
        found.append(("photos", "photos"))
    if findings.verdict not in VERDICTS:
        found.append(("verdict", "verdict"))
    elif findings.verdict == "conformant" and any(f.result == "fail" for f in findings.checks.values()):
        found.append(("verdict", "contradiction"))
    return found
