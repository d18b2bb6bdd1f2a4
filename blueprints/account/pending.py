"""Between the password and the second step: whose it is stands in the signed session cookie, for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import session

from daigou.accounts import identity
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import find

SECONDS = 600


@dataclass(frozen=True)
class Pending:
    account: Account
    way: str
    target: str


def put(account: Account, way: str, target: str) -> None:
    now = int(clock.now().timestamp())
    session["pending"] = {
        "id": str(account.id), "epoch": account.session_epoch, "at": now, "way": way, "target": target,
    }  # fmt: skip


def get() -> Pending | None:
    """Who has proved the first half, unless that is long ago or the password was changed since."""
    held = session.get("pending")
    if not held or not 0 <= clock.now().timestamp() - held["at"] < SECONDS:
        return None
    account = find(Account, id=UUID(held["id"]))
    if account is None or account.session_epoch != held["epoch"] or account.state not in identity.SIGNED_IN:
        return None
    return Pending(account, held["way"], held["target"])
