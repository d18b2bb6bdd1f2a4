"""A difference that a person has explained."""

from __future__ import annotations

from compliance.audit import door, proposals
from daigou.core.access import Actor
from daigou.core.db import load_locked, transaction

from .models import Finding


def resolve(actor: Actor, ref: str, reason: str) -> Finding:
    """Set a finding aside, with the reason why it is none (or a pointer to the entry that corrects it)."""
    with transaction():
        row: Finding = load_locked(Finding, ref=ref)
        words = proposals.checked(reason)
        door.transition(actor, row, "resolve", finding=row.ref, code=row.code)
        row.reason, row.resolved_by = words, actor.account_id
    return row
