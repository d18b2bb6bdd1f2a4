"""Signing in and out: every one of staff and every failure is noted."""

from __future__ import annotations

from uuid import UUID

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import ANONYMOUS, STAFF, Actor
from daigou.core.db import load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from . import directory, identity, passwords
from .models import Account

# Attempts on addresses that nobody has share one stream.
NOBODY = UUID(int=0)


def sign_in(email: str, password: str) -> identity.User:
    """The user these belong to. Invalid, in the same words and after the same work, whatever is wrong with them."""
    account = directory.by_email(email)
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None or not right or account.state not in identity.SIGNED_IN:
        _note_failure(account)
        raise Invalid(
            {
                "password": lazy(
                    "This e-mail address and password don’t belong together. Check both, or choose a new one."
                )
            },
            code="sign_in.refused",
        )
    return _enter(account, password)


def _enter(account: Account, password: str) -> identity.User:
    with transaction():
        account = load_locked(Account, id=account.id)
        account.last_sign_in_at = clock.now()
        if passwords.is_outdated(str(account.password_hash)):
            account.password_hash = passwords.hashed(password)
        actor = identity.actor_of(account, directory.merchant_of(account.id))
        if STAFF & set(account.roles):
            door.note(actor, stream(account), "account:signed_in", subject=account.subject)
    return identity.User(account, actor)


def sign_out(actor: Actor) -> None:
    """The cookie is the session: forgetting it is the page's work. Of staff it is noted."""
    if actor.is_staff:
        with transaction():
            door.note(actor, f"sign_in/{actor.account_id}", "account:signed_out", subject=actor.subject)


def _note_failure(account: Account | None) -> None:
    """Noted for unknown addresses too: else the time it takes would tell them apart."""
    with transaction():
        door.note(
            ANONYMOUS,
            stream(account) if account else f"sign_in/{NOBODY}",
            "account:sign_in_failed",
            outcome="denied",
            subject=account.subject if account else None,
        )


def stream(account: Account) -> str:
    """Not the account's own stream, whose row would have to be locked by every failed attempt."""
    return f"sign_in/{account.id}"
