"""Mails that were asked for by address. The page only notes the wish: known and unknown addresses cost it the same."""

from __future__ import annotations

from daigou.core.db import load_locked, transaction

from . import directory, letters, tokens
from .models import Account


def send_reset(indexes: list[str]) -> None:
    """Mail a link to choose a new password to the account with one of these blind indexes, if it is one in use."""
    with transaction():
        account = _locked(indexes)
        if account is not None and (account.is_("active") or (account.is_("unconfirmed") and account.password_hash)):
            letters.password(account, tokens.issue(account, "password"))


def send_confirmation(indexes: list[str]) -> None:
    """Mail another confirmation link, if the account still waits for one."""
    with transaction():
        account = _locked(indexes)
        if account is not None and account.is_("unconfirmed") and account.password_hash:
            letters.confirm(account, tokens.issue(account, "confirm"))


def _locked(indexes: list[str]) -> Account | None:
    found = directory.by_indexes(indexes)
    return load_locked(Account, id=found.id) if found else None
