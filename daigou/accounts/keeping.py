"""One's own account: name, language, password, sessions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from compliance.audit import door
from daigou.core import outbox, zones
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import LOCALES, lazy

from . import directory, freezing, letters, passwords, phones, tokens
from .external.models import ExternalIdentity
from .factors.models import Passkey, RecoveryCode, Totp
from .models import Account
from .sessions import service as sessions


def change_profile(actor: Actor, name: str, locale: str, currency: str, time_zone: str = "") -> Account:
    """``time_zone`` is a name of the tz database, or nothing for that of the account's country."""
    with transaction():
        account = _own(actor)
        account.name = name
        account.currency = currency
        account.time_zone = time_zone if time_zone in zones.known() else None
        if locale in LOCALES:
            account.locale = locale
        door.record(actor, account, "profile_changed")
    return account


def change_password(actor: Actor, old: str, new: str) -> Account:
    """A new password for who knows the old one; every other session ends. Invalid at ``old`` or ``new``."""
    with transaction():
        account = _own(actor)
        if not passwords.matches(account.password_hash, old):
            raise Invalid({"old": lazy("This is not your present password.")}, code="password.wrong")
        passwords.require_strong(new, str(account.name), str(account.email), field="new")
        _set_password(account, new, keep=actor.session_id)
        door.record(actor, account, "password_changed")
        letters.password_changed(account)
    return account


def end_sessions(actor: Actor) -> Account:
    """Sign out everywhere: sessions of the number before are worth nothing from now on."""
    with transaction():
        account = _own(actor)
        sessions.end_others(account, keep=None)
        door.record(actor, account, "sessions_ended")
    return account


def ask_reset(email: str) -> None:
    """Have a link to choose a new password mailed, if there is such an account (accounts.jobs)."""
    with transaction():
        outbox.put("account.reset_wanted", indexes=directory.email_indexes(email))


def awaits_password(token: str) -> None:
    """Impossible for a dead link."""
    tokens.owner("password", token)


def reset(token: str, new: str) -> Account:
    """A new password for who holds the link, which also proves the address. Invalid at ``new``, Impossible if dead."""
    with transaction():
        account = tokens.redeem("password", token)
        passwords.require_strong(new, str(account.name or ""), str(account.email), field="new")
        _set_password(account, new, keep=None)
        person = directory.itself(account)
        if account.is_("unconfirmed"):
            forget_strangers(account)
            door.transition(person, account, "confirm")
        elif account.is_("frozen"):
            freezing.thaw(account, person)
        door.record(person, account, "password_reset")
        letters.password_changed(account)
    return account


def forget_strangers(account: Account) -> None:
    """Whoever opened an account before its address was confirmed may be a stranger: no door of theirs stays open."""
    for model in (ExternalIdentity, Totp, Passkey, RecoveryCode):
        db.session.execute(delete(model).where(model.account_id == account.id))
    phones.forget(account)


def _set_password(account: Account, new: str, keep: UUID | None) -> None:
    account.password_hash = passwords.hashed(new)
    sessions.end_others(account, keep)
    tokens.revoke(account, "password", "confirm")


def _own(actor: Actor) -> Account:
    account = load_locked(Account, id=actor.account_id)
    require(actor, "account.use")
    return account
