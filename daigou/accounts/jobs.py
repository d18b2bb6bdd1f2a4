"""Mails that were asked for by address. The page only notes the wish: known and unknown addresses cost it the same."""

from __future__ import annotations

from daigou.core.db import load_locked, transaction

from . import codes, directory, letters, tokens
from .external.service import linked
from .models import Account
from .sessions import locks


def send_reset(indexes: list[str]) -> None:
    """Mail a link to choose a new password to the account with one of these blind indexes, if it is one in use."""
    with transaction():
        account = _locked(indexes)
        if account is not None and (account.is_("active", "frozen") or _waits(account)):
            letters.password(account, tokens.issue(account, "password"))


def send_confirmation(indexes: list[str]) -> None:
    """Mail another confirmation link, if the account still waits for one."""
    with transaction():
        account = _locked(indexes)
        if account is not None and _waits(account):
            letters.confirm(account, tokens.issue(account, "confirm"), codes.issue(account, "confirm"))


def _waits(account: Account) -> bool:
    """Signed up by themselves and not confirmed; those we invited have links of their own."""
    return account.is_("unconfirmed") and (account.password_hash is not None or bool(linked(account)))


def sweep() -> None:
    """Nightly: locks that are over. Sessions and codes go by the dated rows of compliance.privacy.retention."""
    locks.forget_old()


def _locked(indexes: list[str]) -> Account | None:
    found = directory.by_indexes(indexes)
    return load_locked(Account, id=found.id) if found else None
