"""What an officer wishes exported, and what is wrong with a wish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from daigou.core.errors import Invalid
from daigou.core.i18n import lazy, nlazy

from . import checkpoint, log, sealing, searching, service
from .bundle import Filter
from .log import StoredCheckpoint
from .note import NoteError

SHORTEST, LONGEST = 10, 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks for, and why. ``witness`` is the text of a checkpoint that somebody outside has kept,
    ``recipient`` the age public key of its only reader. With ``documents``, and of one person, a second must agree."""

    chosen: Filter
    reason: str
    locale: str
    witness: str | None = None
    recipient: str | None = None
    documents: bool = False


def check_wanted(wanted: Wanted, newest: StoredCheckpoint) -> None:
    wrong: dict[str, object] = {}
    if len(wanted.reason.strip()) < SHORTEST:
        wrong["reason"] = nlazy(
            "Say in at least %(num)d character what this export is for.",
            "Say in at least %(num)d characters what this export is for.",
            SHORTEST,
        )
    elif len(wanted.reason) > LONGEST:
        wrong["reason"] = nlazy("At most %(num)d character.", "At most %(num)d characters.", LONGEST)
    if fault := _witness_fault(wanted.witness, newest):
        wrong["witness"] = fault
    if fault := _recipient_fault(wanted.recipient):
        wrong["recipient"] = fault
    if not wrong and _is_empty(wanted.chosen):
        wrong["since"] = lazy("The log holds no entry of this choice. Widen the time or leave out a condition.")
    if wrong:
        raise Invalid(wrong)


def _witness_fault(witness: str | None, newest: StoredCheckpoint) -> Any:
    """What is wrong with an outside checkpoint, before anything is built with it."""
    if witness is None:
        return None
    try:
        seen, _signed = checkpoint.parse(witness)
    except NoteError:
        return lazy("This is no checkpoint. It is a short text: the log’s name, a number, a root and a signature.")
    if seen.origin != service.config().log_origin:
        return lazy("This checkpoint is of another log: %(origin)s.", origin=seen.origin)
    if seen.size > newest.size:
        return lazy("This checkpoint saw more entries than the log has signed. Keep it safe and tell your auditor.")
    if log.root_at(searching.reading(), seen.size) != seen.root:
        return lazy("This checkpoint saw another tree than the log has. Keep it safe and tell your auditor.")
    return None


def _recipient_fault(recipient: str | None) -> Any:
    try:
        sealing.check_recipient(recipient or "") if recipient else None
    except sealing.WrongKey:
        return lazy("This is no age public key. It begins with “age1” and has 62 characters.")
    return None


def _is_empty(chosen: Filter) -> bool:
    """Whether surely nothing matches; where a look stopped before the end of the log, the bundle itself will say."""
    found = searching.matching(searching.Facets(chosen.since, chosen.until, **chosen.facets()))
    return not found.rows and found.looked_to is None
