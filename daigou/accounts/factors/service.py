"""Second factors: setting them up, showing them, taking them away. Each change is told and ends other sessions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from compliance.audit import door
from daigou.accounts import identity, letters
from daigou.accounts.models import Account
from daigou.accounts.sessions import locks, rules
from daigou.accounts.sessions import service as sessions
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import recovery, totp
from .models import Certificate, Passkey, RecoveryCode, Totp


@dataclass(frozen=True)
class Ways:
    """What an account can prove itself with beside the password."""

    totp: Totp | None
    passkeys: list[Passkey]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.totp is not None or bool(self.passkeys)


def ways(account: Account) -> Ways:
    passkeys = select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.id)
    return Ways(totp.of(account), list(db.session.execute(passkeys).scalars()), recovery.left(account))


def prepare_totp(actor: Actor) -> Totp:
    """The secret to scan. Impossible when an authenticator is set up already."""
    require(actor, "factor.enrol")
    account = db.session.get_one(Account, actor.account_id)
    if totp.of(account) is not None:
        raise Impossible("factor.totp_there", lazy("An authenticator app is set up already. Remove it first."))
    return totp.prepare(account)


def confirm_totp(actor: Actor, code: str) -> list[str]:
    """The app shows the right code: it counts from now on. Answers fresh recovery codes, or none if there are some."""
    row = prepare_totp(actor)
    key = rules.lock_key(row.account_id.bytes, "enrol")
    locks.refuse_locked(key, "code")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        right = totp.takes(row, code)
        if right:
            row.confirmed_at = clock.now()
            db.session.add(row)
            return enrolled(actor, account, "totp")
        locks.failed(key)
    raise Invalid({"code": lazy("This is not the code that the app shows now. Wait for the next one.")})


def enrolled(actor: Actor, account: Account, kind: str) -> list[str]:
    """A factor was added, in the running transaction: this session has shown it, the others end."""
    sessions.end_others(account, keep=actor.session_id)
    sessions.mark(actor.session_id, factored_at=clock.now(), stepped_up_at=clock.now())
    account.factor_required = False
    door.record(actor, account, "factor_added", factor=kind)
    letters.factor_added(account, kind)
    return recovery.issue(account) if recovery.left(account) == 0 else []


def new_codes(actor: Actor) -> list[str]:
    """Ten fresh recovery codes. Impossible without a factor that they could stand in for."""
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if not ways(account).any:
            raise Impossible("factor.none", lazy("Set up an authenticator app or a passkey first."))
        door.record(actor, account, "recovery_codes_renewed")
        letters.codes_renewed(account)
        return recovery.issue(account)


def remove_totp(actor: Actor) -> None:
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        db.session.execute(delete(Totp).where(Totp.account_id == account.id))
        _removed(actor, account, "totp")


def remove_passkey(actor: Actor, passkey_id: UUID) -> None:
    """NotFound-like silence for somebody else's: nothing is deleted, Impossible is raised."""
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        found = delete(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account.id).returning(Passkey.id)
        if db.session.execute(found).scalar_one_or_none() is None:
            raise Impossible("factor.passkey", lazy("This passkey is not there any more."))
        _removed(actor, account, "passkey")


def _removed(actor: Actor, account: Account, kind: str) -> None:
    left = ways(account)
    if not left.any:
        if identity.needs_factor(account):
            raise Impossible("factor.last", lazy("You need a second factor here. Add another one first."))
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    sessions.end_others(account, keep=actor.session_id)
    door.record(actor, account, "factor_removed", factor=kind)
    letters.factor_removed(account, kind)


def reset(actor: Actor, subject: str) -> None:
    """Take every factor of somebody away who has lost them, once a person has checked who they are.

    Their sessions end, and they are told. Nobody does it for themselves.
    """
    require(actor, "factor.reset")
    with transaction():
        account = load_locked(Account, subject=subject)
        if account.id == actor.account_id:
            raise Impossible("factor.oneself", lazy("You can’t do this for yourself. Ask another administrator."))
        for model in (Totp, Passkey, RecoveryCode, Certificate):
            db.session.execute(delete(model).where(model.account_id == account.id))
        sessions.end_others(account, keep=None)
        door.record(actor, account, "factors_reset")
        letters.factor_removed(account, "all")


def show(account: Account, code: str) -> str:
    """Take a code of the app or a recovery code: its kind. Invalid at ``code`` when it is neither, or after too many.

    In no transaction: a wrong one is counted, whatever becomes of the sign-in.
    """
    key = rules.lock_key(account.id.bytes, "second step")
    locks.refuse_locked(key, "code")
    with transaction():
        row = totp.of(account)
        kind = "totp" if row is not None and totp.takes(row, code) else ""
        if not kind and recovery.takes(account, code):
            kind = "recovery"
        if kind:
            locks.clear(key)
            if kind == "recovery":
                letters.recovery_used(account, recovery.left(account))
            return kind
        locks.failed(key)
    words = lazy("This code is not right, or it was used before. Wait for the next one.")
    raise Invalid({"code": words}, code="factor.wrong")
