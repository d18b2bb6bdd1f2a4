"""Asking for the password again before something that must not happen at an unattended desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import passwords
from .models import Account

FAILURES: Final = 5
WINDOW: Final = timedelta(minutes=15)
FAILED: Final = "session:step_up_failed"


def confirm_password(actor: Actor, password: str) -> None:
    """Passes when it is this account's password. Invalid at ``password`` when not, which is written to the log;
    Impossible after five wrong ones within a quarter of an hour, without looking."""
    _refuse_guessing(actor)
    account = db.session.get_one(Account, actor.account_id)
    if passwords.matches(account.password_hash, password):
        return
    with transaction():
        door.note(actor, f"step_up/{account.id}", FAILED, outcome="denied", subject=account.subject)
    raise Invalid({"password": lazy("This is not your password.")}, code="step_up.wrong")


def _refuse_guessing(actor: Actor) -> None:
    """The log itself remembers the wrong ones."""
    since = clock.now() - WINDOW
    wrong = select(func.count()).where(Entry.actor == actor.subject, Entry.at > since, Entry.kind == FAILED)
    if db.session.execute(wrong).scalar_one() >= FAILURES:
        raise Impossible(
            "step_up.too_many", lazy("The password was wrong too often. Wait a quarter of an hour, then try again.")
        )
