"""Signing up and confirming. What the page answers never depends on whether the address is known."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.audit import door
from compliance.privacy import consents
from daigou.core import ids, outbox
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.i18n import LOCALES

from . import codes, directory, letters, passwords, tokens
from .models import Account


@dataclass(frozen=True, slots=True)
class SignUp:
    email: str
    name: str
    password: str
    country: str
    currency: str
    locale: str


def sign_up(wish: SignUp) -> None:
    """Open an account and mail its confirmation link; a known address gets a mail of its own instead.

    Invalid at ``password`` when it is weak. Otherwise nothing is answered: the mail says how it stands.
    """
    passwords.require_strong(wish.password, wish.name, wish.email)
    password_hash = passwords.hashed(wish.password)
    with transaction():
        directory.lock_email(wish.email)
        known = directory.by_email(wish.email)
        if known is None:
            account = open_account(wish.email, ["shopper"], wish.country, wish.currency, wish.locale)
            account.name, account.password_hash = wish.name, password_hash
            door.created(directory.itself(account), account, country=wish.country)
            db.session.flush()
            consents.record(directory.itself(account), consents.AT_SIGN_UP, given=True, channel="sign_up")
            letters.confirm(account, tokens.issue(account, "confirm"), codes.issue(account, "confirm"))
        else:
            _remind(known)


def _remind(account: Account) -> None:
    """Whoever opened an unconfirmed account chose its password and may be a stranger: so this link chooses anew."""
    if account.is_("unconfirmed"):
        letters.password(account, tokens.issue(account, "password"))
    elif account.is_("active"):
        letters.known(account)


def open_account(email: str, roles: list[str], country: str, currency: str, locale: str) -> Account:
    """A new account's row, not yet in the session."""
    account = Account(
        subject=ids.new_subject(),
        email_index=directory.email_index(email),
        roles=roles,
        country=country,
        currency=currency,
        locale=locale if locale in LOCALES else "en",
    )
    account.email = email
    return account


def resend(email: str) -> None:
    """Have another confirmation link mailed, if the address still waits for one (accounts.jobs)."""
    with transaction():
        outbox.put("account.confirmation_wanted", indexes=directory.email_indexes(email))


def awaits_confirmation(token: str) -> Account:
    """The account behind a link, for its page; Impossible for a dead link."""
    return load(Account, id=tokens.owner("confirm", token))


def confirm(token: str) -> Account:
    """The address is the person's. Impossible for a dead link."""
    with transaction():
        account = tokens.redeem("confirm", token)
        door.transition(directory.itself(account), account, "confirm")
        db.session.flush()
    return account


def confirm_by_code(email: str, code: str) -> None:
    """The same by the six digits of the mail, on any device. Invalid at ``code``, alike for unknown addresses."""
    account = directory.by_email(email)
    if account is None or not account.is_("unconfirmed"):
        codes.refuse_alike(email)
    with transaction():
        account = load_locked(Account, id=account.id)
        if right := codes.redeem(account, "confirm", code):
            tokens.revoke(account, "confirm")
            door.transition(directory.itself(account), account, "confirm")
    if not right:
        raise codes.wrong()
