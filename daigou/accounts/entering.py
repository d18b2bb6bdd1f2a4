"""Signing in and out: every one of staff and every failure is noted.

A password (or another proof) comes first, then a second factor where the account has one, then a session.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import ANONYMOUS, Actor
from daigou.core.db import load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from . import directory, freezing, identity, letters, passwords
from .factors import certificates
from .factors import service as factors
from .models import Account
from .sessions import locks, rules
from .sessions import service as sessions
from .sessions.rules import Visit

# Attempts on addresses that nobody has share one stream.
NOBODY = UUID(int=0)
EVERYWHERE = "everywhere"  # a count over all networks, which locks nobody out

REFUSED = lazy("This e-mail address and password don’t belong together. Check both, or choose a new one.")


@dataclass(frozen=True)
class Entered:
    """A user, and the tokens for their browser's cookies."""

    user: identity.User
    account: Account
    token: str
    device: str


def prove_password(email: str, password: str, visit: Visit) -> Account:
    """The account these belong to. Invalid, in the same words and after the same work, whatever is wrong with them."""
    here, anywhere = _keys(email, visit)
    locks.refuse_locked(here, "password")
    account = directory.by_email(email)
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None or not right or account.state not in identity.SIGNED_IN:
        _note_failure(account, here, anywhere)
        raise refused()
    if passwords.is_outdated(str(account.password_hash)):
        with transaction():
            load_locked(Account, id=account.id).password_hash = passwords.hashed(password)
    return account


def refused() -> Invalid:
    return Invalid({"password": REFUSED}, code="sign_in.refused")


def second_step(account: Account) -> factors.Ways | None:
    """What must be shown beside the password, or None when the account has no second factor."""
    found = factors.ways(account)
    return found if found.any else None


def enter(account: Account, visit: Visit, way: str, factor: str = "") -> Entered:
    """Begin a session for somebody who has proved everything. Invalid as for a wrong password where that is not so.

    Somebody who only seems to be the owner (see ``rules.unusual``) is refused alike, and the account is frozen.
    """
    certificates.require_shown(account, visit)
    seen = _circumstances(account, visit, bool(factor))
    verdict = rules.unusual(seen)
    if verdict == "abnormal":
        freezing.freeze(account.id, "sign_in")
        raise refused()
    return _open(account, visit, way, factor, tell=verdict == "new")


def _open(account: Account, visit: Visit, way: str, factor: str, tell: bool) -> Entered:
    with transaction():
        account = load_locked(Account, id=account.id)
        if account.state not in identity.SIGNED_IN:
            raise refused()
        locks.clear(*_keys(str(account.email), visit))
        account.last_sign_in_at = clock.now()
        opened = sessions.begin(account, visit, way, bool(factor))
        merchant_id, role, rights = sessions.membership(account.id)
        user = identity.user_of(account, opened.session, merchant_id, identity.rights_of(role, rights))
        if account.is_staff:
            door.note(user.actor, stream(account), "account:signed_in", subject=account.subject, factor=factor or None)
        if tell:
            letters.signed_in(account, visit, freezing.alarm(account))
    return Entered(user, account, opened.token, opened.device)


def _circumstances(account: Account, visit: Visit, factored: bool) -> rules.Circumstances:
    device = sessions.known_device(account, visit)
    _here, anywhere = _keys(str(account.email), visit)
    return rules.Circumstances(
        first=account.last_sign_in_at is None,
        known_device=device is not None,
        same_country=(device.country if device else account.country) == (visit.country or account.country)
        or not visit.country
        or bool(device and not device.country),
        wrong_tries=locks.failures(anywhere),
        factored=factored,
    )


def _keys(email: str, visit: Visit) -> tuple[bytes, bytes]:
    """What wrong tries are counted under: from this network, and from anywhere."""
    index = directory.email_index(email)
    return rules.lock_key(index, visit.ip), rules.lock_key(index, EVERYWHERE)


def sign_out(actor: Actor) -> None:
    """The session ends here, not only in the browser. Of staff it is noted."""
    sessions.end_own(actor)
    if actor.is_staff or "enrolling" in actor.roles:
        with transaction():
            door.note(actor, f"sign_in/{actor.account_id}", "account:signed_out", subject=actor.subject)


def note_failure(account: Account) -> None:
    """A wrong second factor."""
    with transaction():
        _note(account, step="second")


def _note_failure(account: Account | None, here: bytes, anywhere: bytes) -> None:
    """Noted for unknown addresses too: else the time it takes would tell them apart."""
    with transaction():
        locks.failed(here)
        locks.failed(anywhere, locks=False)
        _note(account)


def _note(account: Account | None, **facts: str) -> None:
    door.note(
        ANONYMOUS,
        stream(account) if account else f"sign_in/{NOBODY}",
        "account:sign_in_failed",
        outcome="denied",
        subject=account.subject if account else None,
        **facts,
    )


def stream(account: Account) -> str:
    """Not the account's own stream, whose row would have to be locked by every failed attempt."""
    return f"sign_in/{account.id}"
