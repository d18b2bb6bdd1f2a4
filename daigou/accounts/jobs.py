"""Mails that were asked for by address. The page only notes the wish: known and unknown addresses cost it the same."""

from __future__ import annotations

from daigou.core.db import find, load_locked, transaction

from . import letters, tokens
from .models import Account


def send_reset(index: str) -> None:
    """Mail a link to choose a new password to the account with this blind index, if it is one in use."""
    with transaction():
        account = _locked(index)
        if account is not None and (account.is_("active") or (account.is_("unconfirmed") and account.password_hash)):
            letters.password(account, tokens.issue(account, "password"))


def send_confirmation(index: str) -> None:
    """Mail another confirmation link, if the account still waits for one."""
    with transaction():
        account = _locked(index)
        if account is not None and account.is_("unconfirmed") and account.password_hash:
            letters.confirm(account, tokens.issue(account, "confirm"))


def _locked(index: str) -> Account | None:
    found = find(Account, email_index=bytes.fromhex(index))
    return load_locked(Account, id=found.id) if found else None
