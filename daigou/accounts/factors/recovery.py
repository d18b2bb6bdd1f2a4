"""Ten codes on paper, for the day the telephone is gone. Shown once; each works once."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import delete, func, select, update

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import ANONYMOUS
from daigou.core.crypto import vault
from daigou.core.db import db

from .models import RecoveryCode

COUNT = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u


def issue(account: Account) -> list[str]:
    """Ten fresh codes of eighty random bits, in the running transaction; those of before are worth nothing."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(COUNT)]
    db.session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(account, code)) for code in codes)
    return codes


def takes(account: Account, code: str) -> bool:
    """Use one up, in the running transaction, and have the log say so: whoever found the paper leaves a trace."""
    statement = (
        update(RecoveryCode)
        .where(RecoveryCode.code_hash == _hash(account, code[:40]), RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    if db.session.execute(statement).scalar_one_or_none() is None:
        return False
    facts: dict[str, Any] = {"subject": account.subject, "left": left(account)}
    door.note(ANONYMOUS, f"sign_in/{account.id}", "account:recovery_code_used", **facts)
    return True


def left(account: Account) -> int:
    statement = select(func.count()).select_from(RecoveryCode)
    mine = statement.where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return db.session.execute(mine).scalar_one()


def _hash(account: Account, code: str) -> bytes:
    """Forgiving in what people write down: case, spaces, and the letters that look like digits."""
    plain = "".join(c for c in code.casefold() if c.isalnum()).translate(str.maketrans("oil", "011"))
    return vault().token_hash(f"{account.id}|{plain}")
