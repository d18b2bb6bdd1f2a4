"""Asking who it is again before something that must not happen at an unattended desk.

A proof (password, code of the app, recovery code, or a passkey: ``passkeys.step_up``) lasts ten minutes in its session.
Pages ask through ``blueprints.stepped.stepped_up``; ``confirm_password`` is for forms that always ask.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, find, transaction
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.i18n import lazy

from . import passwords
from .factors import recovery, totp
from .models import Account
from .sessions import rules
from .sessions import service as sessions
from .sessions.models import Session

FAILURES: Final = 5
WINDOW: Final = timedelta(minutes=15)
FAILED: Final = "session:step_up_failed"


def is_fresh(actor: Actor) -> bool:
    """Whether this session has proved who it is within the last ten minutes."""
    row = find(Session, id=actor.session_id) if actor.session_id else None
    return row is not None and clock.now() - row.stepped_up_at < rules.FRESH


def require_fresh(actor: Actor) -> None:
    """Denied without such a proof: for use cases that must not rely on their page."""
    if not is_fresh(actor):
        raise Denied("step_up.needed", lazy("Confirm that it is you first."), actor=actor.subject)


def confirm(actor: Actor, proof: str) -> None:
    """Passes with the password, the app's code or a recovery code, and keeps the session fresh for ten minutes.

    Invalid at ``proof`` when it is none of them, which is written to the log; Impossible after five wrong ones within a
    quarter of an hour, without looking.
    """
    _refuse_guessing(actor)
    account = db.session.get_one(Account, actor.account_id)
    if not _is_code(account, proof) and not passwords.matches(account.password_hash, proof):
        _note_failure(actor, account)
        raise Invalid({"proof": lazy("This is neither your password nor your code.")}, code="step_up.wrong")
    passed(actor)


def passed(actor: Actor) -> None:
    """The session is fresh from now on, and the log says so: what is done behind a step-up leads back to it."""
    with transaction():
        sessions.mark(actor.session_id, stepped_up_at=clock.now())
        door.note(actor, f"step_up/{actor.account_id}", "session:stepped_up", subject=actor.subject)


def confirm_password(actor: Actor, password: str) -> None:
    """Passes when it is this account's password. Invalid at ``password`` when not, which is written to the log;
    Impossible after five wrong ones within a quarter of an hour, without looking."""
    _refuse_guessing(actor)
    account = db.session.get_one(Account, actor.account_id)
    if passwords.matches(account.password_hash, password):
        return
    _note_failure(actor, account)
    raise Invalid({"password": lazy("This is not your password.")}, code="step_up.wrong")


def _is_code(account: Account, proof: str) -> bool:
    if len(proof) > 20:
        return False
    with transaction():
        row = totp.of(account)
        return bool(row is not None and totp.takes(row, proof)) or recovery.takes(account, proof)


def _note_failure(actor: Actor, account: Account) -> None:
    with transaction():
        door.note(actor, f"step_up/{account.id}", FAILED, outcome="denied", subject=account.subject)


def _refuse_guessing(actor: Actor) -> None:
    """The log itself remembers the wrong ones."""
    since = clock.now() - WINDOW
    wrong = select(func.count()).where(Entry.actor == actor.subject, Entry.at > since, Entry.kind == FAILED)
    if db.session.execute(wrong).scalar_one() >= FAILURES:
        raise Impossible(
            "step_up.too_many", lazy("The password was wrong too often. Wait a quarter of an hour, then try again.")
        )
