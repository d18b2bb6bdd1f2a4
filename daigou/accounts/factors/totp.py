"""Authenticator apps: six digits every thirty seconds (RFC 6238), each taken once."""

from __future__ import annotations

import hmac
import re

import pyotp
from sqlalchemy import update

from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import db, find, transaction

from .models import Totp

ISSUER = "daigou"
PERIOD = 30
DRIFT = 1  # steps that a clock may be wrong by, either way


def of(account: Account) -> Totp | None:
    """The account's authenticator, if one is set up and confirmed."""
    row = find(Totp, account_id=account.id)
    return row if row is not None and row.confirmed_at is not None else None


def prepare(account: Account) -> Totp:
    """The row to be confirmed: the same secret as long as it waits, so that the page may be loaded again."""
    with transaction():
        row = find(Totp, account_id=account.id)
        if row is None:
            row = Totp(account_id=account.id, subject=account.subject)
            row.secret = pyotp.random_base32()
            db.session.add(row)
    return row


def address(row: Totp, account: Account) -> str:
    """The ``otpauth://`` address that apps read from a QR code."""
    return pyotp.TOTP(row.secret).provisioning_uri(name=str(account.email), issuer_name=ISSUER)


def takes(row: Totp, code: str) -> bool:
    """Use a code up, in the running transaction. Two at once: one wins, for the row's step only grows."""
    digits = re.sub(r"\s", "", code)[:10]
    now = int(clock.now().timestamp()) // PERIOD
    generator = pyotp.TOTP(row.secret)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), digits.encode()):
            return _use_up(row, step)
    return False


def _use_up(row: Totp, step: int) -> bool:
    statement = update(Totp).where(Totp.id == row.id, Totp.last_step < step).values(last_step=step)
    return db.session.execute(statement.returning(Totp.id)).scalar_one_or_none() is not None
