"""Verifying a bundle: what witnesses outside cosigned of it (C2SP tlog-cosignature).

A cosignature says that its witness saw the log grow to that tree, and never another one: the bundle need not bring a
checkpoint along that the auditor kept. It counts only for a witness whose key came from elsewhere.
"""

import re
from datetime import UTC, datetime
from typing import Final

from compliance.audit import bundle, checkpoint
from compliance.audit.archive import Damaged
from compliance.audit.check import Check
from compliance.audit.cosign import WitnessKey
from compliance.audit.note import Note, NoteError

_NAME: Final = re.compile(r"cosigned/(0|[1-9][0-9]{0,18})")


def check_cosigned(check: Check) -> None:
    """Each is the checkpoint of its size; each witness that is trusted has cosigned at least one."""
    latest: dict[WitnessKey, tuple[int, int]] = {}
    for name in sorted(n for n in check.archive.names if n.startswith(bundle.COSIGNED)):
        parsed = check.parsed(name, checkpoint.parse)
        if parsed is not None and _is_known(check, name, parsed[1]):
            check.signed(parsed[1], name, parsed[0].size)
            for key, time in _times(check, name, parsed[1]).items():
                latest[key] = max(latest.get(key, (0, 0)), (parsed[0].size, time))
    for key in check.witness_keys:
        _tell(check, key, latest.get(key))


def _is_known(check: Check, name: str, signed: Note) -> bool:
    """It is the text of the bundle's own checkpoint of that size, so that what leads there leads here."""
    matched = _NAME.fullmatch(name)
    over = check.over(int(matched[1])) if matched else None
    try:
        same = over is not None and checkpoint.parse(check.archive.read(over))[1].text == signed.text
    except (NoteError, Damaged):
        same = False
    if not same:
        check.report.add("cosignature", f"{name} is over no checkpoint of this bundle")
    return same


def _times(check: Check, name: str, signed: Note) -> dict[WitnessKey, int]:
    """When each trusted witness cosigned it; a line of its key that does not hold is a finding."""
    found: dict[WitnessKey, int] = {}
    for key in check.witness_keys:
        lines = [line for line in signed.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
        times = [key.time_of(signed.text, line) for line in lines]
        good = [time for time in times if time is not None]
        if len(good) < len(times):
            check.report.add("bad_signature", f"{name}: the cosignature of {key.name} does not hold")
        elif good:
            found[key] = max(good)
    return found


def _tell(check: Check, key: WitnessKey, last: tuple[int, int] | None) -> None:
    if last is None:
        check.report.add("uncosigned", f"the bundle holds no cosignature of {key.name} that holds")
        return
    size, time = last
    check.report.facts[f"cosigned by {key.name}"] = f"{size} entries, {_moment(time)}"
    if size < check.manifest.end:
        behind = f"{key.name} has cosigned {size} entries; for those behind them its word is not in this bundle"
        check.report.notes.append(behind)


def _moment(time: int) -> str:
    """RFC 3339, for the times that it can write; a witness may sign any number."""
    return datetime.fromtimestamp(time, UTC).isoformat() if time < 2**37 else str(time)
