"""Those who work here: invited by an administrator, suspended and restored by one."""

from __future__ import annotations

from sqlalchemy import any_, literal, not_, select

from compliance.audit import door
from daigou.core.access import Actor, require
from daigou.core.db import Page, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import directory, letters, members, passwords, tokens
from .joining import open_account
from .models import Account

ROLES = ("inspector", "support", "officer", "admin")


def invite(actor: Actor, email: str, role: str, locale: str, country: str) -> str:
    """Open a staff account without a password and mail its link, which is answered too.

    Invalid at ``email`` when the address has an account: nobody is shopper and staff under one address.
    """
    require(actor, "staff.manage")
    if role not in ROLES:
        raise Invalid({"role": lazy("Choose one of the roles.")})
    with transaction():
        directory.lock_email(email)
        account = directory.by_email(email)
        if account is None:
            account = open_account(email, [role], country, "EUR", locale)
            door.created(actor, account, role=role)
        elif account.password_hash or set(account.roles) != {role} or not account.is_("unconfirmed"):
            raise Invalid({"email": lazy("This address has an account already. Staff need an address of their own.")})
        token = tokens.issue(account, "invite")
        letters.invitation(account, token)
        door.record(actor, account, "invited", role=role)
    return f"/account/invite/{token}"


def invited(token: str) -> Account:
    """The account behind an invitation, for its page; Impossible for a dead link."""
    return load(Account, id=tokens.owner("invite", token))


def accept(token: str, name: str, password: str) -> Account:
    """Name and password of an invited person; the link proves the address. Invalid at ``password``."""
    with transaction():
        account = tokens.redeem("invite", token)
        passwords.require_strong(password, name, str(account.email))
        account.name, account.password_hash = name, passwords.hashed(password)
        door.transition(directory.itself(account), account, "confirm")
        members.join_all(account)
    return account


def everybody(actor: Actor, cursor: str | None) -> Page:
    """Staff accounts, newest first."""
    require(actor, "staff.manage")
    return keyset(select(Account).where(not_(literal("shopper") == any_(Account.roles))), Account.id, cursor=cursor)


def suspend(actor: Actor, subject: str) -> None:
    """No sign-in any more, and every session ends now. Nobody suspends themselves: somebody must stay to undo it."""
    with transaction():
        account = _staff(actor, subject)
        if account.id == actor.account_id:
            raise Impossible("staff.oneself", lazy("You can’t suspend your own account. Ask another administrator."))
        account.session_epoch += 1
        tokens.revoke(account, "password", "confirm", "invite")
        door.transition(actor, account, "suspend")


def restore(actor: Actor, subject: str) -> None:
    with transaction():
        door.transition(actor, _staff(actor, subject), "restore")


def _staff(actor: Actor, subject: str) -> Account:
    require(actor, "staff.manage")
    account = load_locked(Account, subject=subject)
    if not account.is_staff:
        raise Impossible("staff.not_staff", lazy("This person does not work here."))
    return account
