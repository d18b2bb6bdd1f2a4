"""Whom the key store knows to be erased is forgotten again: a restore has old rows, a slow job writes late."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.crypto import vault
from daigou.core.db import db, transaction

from .actor import SYSTEM
from .forgetting import forget
from .purposes import PURPOSES
from .subject import models, person_with

BATCH: Final = 500
AFTERMATH: Final = timedelta(days=2)
"""How long after an erasure what a slow job wrote meanwhile is still tidied away."""


def replay() -> int:
    """Forget again whom the key store knows to be erased: after a restore, and what a slow job has written since.

    How many people it was for. Their keys went before the first row could be read (operations.restore).
    """
    fresh = vault().keys.erased("account", clock.now() - AFTERMATH)
    closed = set(vault().keys.erased("account"))
    return sum(_forget_again(subject) for subject in sorted({*fresh, *_alive(closed)}))


def _alive(subjects: set[str]) -> list[str]:
    """Those among them whose account stands open, as only an older backup has it."""
    accounts, every = models()["accounts"], sorted(subjects)
    found: list[str] = []
    for start in range(0, len(every), BATCH):
        part = every[start : start + BATCH]
        where = (accounts.subject.in_(part), or_(accounts.state != "closed", accounts.password_hash.is_not(None)))
        found += db.session.scalars(select(accounts.subject).where(*where)).all()
    return found


def _forget_again(subject: str) -> bool:
    gone = [purpose for purpose in PURPOSES if subject in vault().keys.erased(purpose)]
    accounts = models()["accounts"]
    with transaction():
        known = db.session.execute(select(accounts.id).where(accounts.subject == subject)).scalar_one_or_none()
        if known is None:
            return False
        forget(person_with(known), gone)
        door.note(SYSTEM, f"erasure/{subject}", "erasure:forgotten_again", subject=subject)
    return True
