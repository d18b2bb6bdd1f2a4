"""Installed packages against a file of known weaknesses in the Open Source Vulnerability format (osv.dev).

The file comes from outside, for a machine that may not reach the internet: a JSON list of OSV records, such as
https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip holds one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .form import NotScanned, Result, Weakness


def scan(file: str) -> Result:
    """NotScanned without a file, or with one that can't be read: an old or empty file must not look like health."""
    if not file:
        raise NotScanned("ADVISORIES_FILE names no file; see docs/operations.md for where one comes from")
    try:
        records = json.loads(Path(file).read_text())
    except (OSError, ValueError) as error:
        raise NotScanned(f"{file} can't be read: {error}") from error
    if not isinstance(records, list) or not records:
        raise NotScanned(f"{file} is no list of OSV records")
    parts = installed()
    return Result(f"{len(parts)} packages against {len(records)} records", list(compare(parts, records)))


def installed() -> dict[str, str]:
    """Canonical name -> version of everything in this environment."""
    return {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions() if d.metadata["Name"]}


def compare(parts: Mapping[str, str], records: Iterable[dict[str, Any]]) -> Iterator[Weakness]:
    for record in records:
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(str(package.get("name", "")))
            if package.get("ecosystem") == "PyPI" and name in parts and _is_affected(parts[name], affected):
                yield Weakness(
                    f"{name} {parts[name]}", f"{record.get('id')}: {record.get('summary', '')}"[:300], _remedy(affected)
                )


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(
        _within(version, r.get("events", ())) for r in affected.get("ranges", ()) if r.get("type") == "ECOSYSTEM"
    )


def _within(version: str, events: Iterable[Mapping[str, str]]) -> bool:
    """Events in the record's order: introduced opens a span, fixed (excluded) and last_affected (included) end it."""
    try:
        mine, inside = Version(version), False
        for event in events:
            if "introduced" in event:
                inside = inside or event["introduced"] == "0" or mine >= Version(event["introduced"])
            elif "fixed" in event:
                inside = inside and mine < Version(event["fixed"])
            elif "last_affected" in event:
                inside = inside and mine <= Version(event["last_affected"])
    except InvalidVersion:
        return True  # what can't be compared is looked at by a person
    return inside


def _remedy(affected: Mapping[str, Any]) -> str:
    fixed = [e["fixed"] for r in affected.get("ranges", ()) for e in r.get("events", ()) if "fixed" in e]
    return f"Take {' or '.join(fixed)} or later." if fixed else "No fixed version is known: see the record."
