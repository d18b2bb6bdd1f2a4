"""The codes that staff's authenticator apps show now, for the people who try the sandbox out without a telephone."""

from __future__ import annotations

import pyotp
from flask import render_template
from sqlalchemy import select

from blueprints.guard import guarded
from daigou.accounts.factors.models import Totp
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import db

from . import bp

SHOWN = 50


@bp.get("/authenticator")
@guarded("sandbox.view")
def authenticator() -> str:
    statement = select(Account, Totp).join(Totp, Totp.account_id == Account.id).where(Totp.confirmed_at.is_not(None))
    rows = db.session.execute(statement.order_by(Totp.id).limit(SHOWN)).all()
    codes = [(account.email, account.roles, _fresh(totp)) for account, totp in rows]
    return render_template("sandbox/authenticator.html", codes=codes)


def _fresh(totp: Totp) -> str:
    """The first code that was not used yet, of those that are taken now."""
    now = int(clock.now().timestamp()) // 30
    step = max(now, totp.last_step + 1)
    return pyotp.TOTP(totp.secret).generate_otp(step) if step <= now + 1 else ""
