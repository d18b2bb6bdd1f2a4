"""Slowing down who guesses: a count per key, and a lock that doubles. Known and unknown addresses count alike."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.dialects.postgresql import insert

from daigou.core import clock, ids
from daigou.core.db import db, find, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import nlazy

from . import rules
from .models import Lock

_TABLE = Lock.__table__


def refuse_locked(key: bytes, field: str) -> None:
    """Invalid at ``field`` while the key is locked; nothing is looked at then, not even a right password."""
    row = find(Lock, key=key)
    if row is None or row.locked_until is None or row.locked_until <= clock.now():
        return
    minutes = -int(-(row.locked_until - clock.now()).total_seconds() // 60)
    words = nlazy(
        "There were too many wrong tries. Try again in %(num)d minute, or choose a new password by mail.",
        "There were too many wrong tries. Try again in %(num)d minutes, or choose a new password by mail.",
        minutes,
    )
    raise Invalid({field: words}, code="sign_in.locked")


def failed(key: bytes, *, locks: bool = True) -> None:
    """One more wrong try, in the running transaction."""
    now = clock.now()
    fresh = insert(_TABLE).values(id=ids.new_id(), created_at=now, key=key, failures=1, failed_at=now)
    again = case((_TABLE.c.failed_at < now - rules.FORGOTTEN, 1), else_=_TABLE.c.failures + 1)
    counted = fresh.on_conflict_do_update(index_elements=["key"], set_={"failures": again, "failed_at": now})
    failures = db.session.execute(counted.returning(_TABLE.c.failures)).scalar_one()
    wait = rules.locked_for(failures)
    if locks and wait:
        db.session.execute(update(_TABLE).where(_TABLE.c.key == key).values(locked_until=now + wait))


def failures(key: bytes) -> int:
    """Wrong tries under the key that are not forgotten yet."""
    row = find(Lock, key=key)
    return row.failures if row is not None and row.failed_at > clock.now() - rules.FORGOTTEN else 0


def clear(*keys: bytes) -> None:
    db.session.execute(delete(_TABLE).where(_TABLE.c.key.in_(keys)))


def forget_old() -> None:
    """The nightly broom."""
    with transaction():
        old = clock.now() - rules.FORGOTTEN - timedelta(days=1)
        db.session.execute(delete(_TABLE).where(_TABLE.c.failed_at < old))
