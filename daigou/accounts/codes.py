"""Six digits by mail or text message: ten minutes, five tries, kept as a keyed hash."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from typing import Any, NoReturn

from sqlalchemy import func, select, update

from daigou.core import clock
from daigou.core.crypto import blind_indexes
from daigou.core.db import db
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from .models import Account, Code

LIFE = timedelta(minutes=10)
TRIES = 5
MOST_A_DAY = 10  # so many codes are sent: five tries at each leave a guesser fifty in a million


def issue(account: Account, kind: str, target: Any = None) -> str:
    """A fresh code, in the running transaction; older ones of the kind stop working. Impossible after too many."""
    if _sent_today(account, kind) >= MOST_A_DAY:
        raise Impossible("code.too_many", lazy("Too many codes were sent today. Try again tomorrow."))
    revoke(account, kind)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = Code(account_id=account.id, subject=account.subject, kind=kind, expires_at=clock.now() + LIFE)
    row.code_hash, row.tries = _hashes(row, code)[0], 0
    row.target = target
    db.session.add(row)
    return code


def revoke(account: Account, kind: str) -> None:
    unused = update(Code).where(Code.account_id == account.id, Code.kind == kind, Code.used_at.is_(None))
    db.session.execute(unused.values(used_at=clock.now()))


def redeem(account: Account, kind: str, typed: str) -> Code | None:
    """Use the newest code up, in the running transaction, with the account locked.

    None when it is not right: the caller commits (the try counts) and then raises ``wrong()``.
    """
    statement = select(Code).where(Code.account_id == account.id, Code.kind == kind).order_by(Code.id.desc()).limit(1)
    row = db.session.execute(statement).scalar_one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= clock.now() or row.tries >= TRIES:
        return None
    row.tries += 1
    if not any(hmac.compare_digest(row.code_hash, right) for right in _hashes(row, re.sub(r"\D", "", typed)[:20])):
        return None
    row.used_at = clock.now()
    return row


def wrong() -> Invalid:
    words = lazy("This code is not right, or it is too old. Have another one sent.")
    return Invalid({"code": words}, code="code.wrong")


def refuse_alike(value: str) -> NoReturn:
    """For whom there is no code: the same words after some of the same work."""
    blind_indexes("account_codes.code_hash", value)
    raise wrong()


def _hashes(row: Code, code: str) -> list[bytes]:
    """Under every index key that may be in use: a change of keys strands nobody."""
    return blind_indexes("account_codes.code_hash", f"{row.id}|{code}")


def _sent_today(account: Account, kind: str) -> int:
    since = clock.now() - timedelta(days=1)
    statement = select(func.count()).select_from(Code)
    found = statement.where(Code.account_id == account.id, Code.kind == kind, Code.created_at > since)
    return db.session.execute(found).scalar_one()
