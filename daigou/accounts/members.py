"""Who works for a merchant: invited, changed and removed by its owner. Money, bank and people stay the owner's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import RIGHTS, Actor, require
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import directory, letters, tokens
from .joining import open_account
from .models import Account, Invitation, Member, Merchant
from .sessions import service as sessions

LIFE = timedelta(days=7)
MOST = 50


def everybody(actor: Actor) -> list[tuple[Member, Account]]:
    """The merchant's people, owner first: at most MOST, so they come without pages."""
    require(actor, "member.manage")
    statement = (
        select(Member, Account)
        .join(Account, Account.id == Member.account_id)
        .where(Member.merchant_id == actor.merchant_id)
        .order_by(Member.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement.limit(MOST))]


def invited(actor: Actor) -> list[tuple[Invitation, Account]]:
    """Those who have not answered yet."""
    require(actor, "member.manage")
    statement = (
        select(Invitation, Account)
        .join(Account, Account.id == Invitation.account_id)
        .where(Invitation.merchant_id == actor.merchant_id, *_open())
        .order_by(Invitation.id.desc())
    )
    return [(row[0], row[1]) for row in db.session.execute(statement.limit(MOST))]


def invite(actor: Actor, email: str, rights: Iterable[str], locale: str) -> Invitation:
    """Ask somebody to work for the merchant; the mail asks them. What is answered never tells whom we know already."""
    require(actor, "member.manage")
    kept = _rights(rights)
    with transaction():
        merchant = load_locked(Merchant, id=actor.merchant_id)
        if len(everybody(actor)) + len(invited(actor)) >= MOST:
            raise Impossible("member.full", lazy("A merchant may have at most 50 people here."))
        directory.lock_email(email)
        account = directory.by_email(email)
        if account is None:
            account = open_account(email, ["shopper"], merchant.country, merchant.currency, locale)
            door.created(actor, account)
            db.session.flush()
        invitation = _write(merchant, account, kept)
        door.record(actor, merchant, "member_invited", person=account.subject, rights=kept)
        _mail(account, merchant)
    return invitation


def _write(merchant: Merchant, account: Account, rights: list[str]) -> Invitation:
    """A new invitation; the one of before, to the same person, closes."""
    for row in db.session.execute(_of(account).where(Invitation.merchant_id == merchant.id)).scalars():
        row.closed_at = clock.now()
    invitation = Invitation(
        ref=ids.new_ref("INV"),
        merchant_id=merchant.id,
        account_id=account.id,
        rights=rights,
        expires_at=clock.now() + LIFE,
    )
    db.session.add(invitation)
    db.session.flush()
    return invitation


def _mail(account: Account, merchant: Merchant) -> None:
    """Our own staff and closed accounts hear nothing: they could not accept."""
    if account.is_staff or not account.is_("active", "unconfirmed"):
        return
    fresh = account.is_("unconfirmed") and account.password_hash is None
    letters.asked_to_join(account, merchant, tokens.issue(account, "invite") if fresh else None)


def withdraw(actor: Actor, ref: str) -> None:
    with transaction():
        invitation = load_locked(Invitation, ref=ref)
        require(actor, "member.edit", invitation)
        merchant = load_locked(Merchant, id=invitation.merchant_id)
        _close(invitation)
        account = load_locked(Account, id=invitation.account_id)
        if account.is_("unconfirmed") and account.password_hash is None:
            tokens.revoke(account, "invite")
        door.record(actor, merchant, "member_invitation_withdrawn", person=account.subject)


def waiting(actor: Actor) -> list[tuple[Invitation, Merchant]]:
    """Merchants who have asked this person and wait for an answer."""
    require(actor, "member.join")
    statement = (
        select(Invitation, Merchant)
        .join(Merchant, Merchant.id == Invitation.merchant_id)
        .where(Invitation.account_id == actor.account_id, *_open())
        .order_by(Invitation.id.desc())
    )
    return [(row[0], row[1]) for row in db.session.execute(statement.limit(MOST))]


def accept(actor: Actor, ref: str) -> None:
    """Join the merchant. Impossible when one's address is not confirmed, or one works for a merchant already."""
    with transaction():
        invitation = _mine(actor, ref)
        account = load_locked(Account, id=invitation.account_id)
        if not account.is_("active"):
            raise Impossible("member.unconfirmed", lazy("Confirm your e-mail address first."))
        if find(Member, account_id=account.id) is not None:
            raise Impossible("member.elsewhere", lazy("You work for a merchant already. One account works for one."))
        _join(actor, account, invitation)


def join_all(account: Account) -> None:
    """Somebody who was invited before they had an account has just made it: that is the answer."""
    rows = db.session.execute(_of(account).where(Invitation.expires_at > clock.now())).scalars().all()
    for invitation in rows:
        if find(Member, account_id=account.id) is None:
            _join(directory.itself(account), account, invitation)


def _join(actor: Actor, account: Account, invitation: Invitation) -> None:
    _close(invitation)
    merchant = load_locked(Merchant, id=invitation.merchant_id)
    db.session.add(Member(merchant_id=merchant.id, account_id=account.id, role="staff", rights=invitation.rights))
    account.roles = sorted({*account.roles, "merchant"})
    db.session.flush()
    door.record(actor, merchant, "member_joined", person=account.subject, rights=invitation.rights)
    for owner in _owners(merchant.id):
        letters.joined(owner, merchant, str(account.name or account.email))


def decline(actor: Actor, ref: str) -> None:
    with transaction():
        invitation = _mine(actor, ref)
        _close(invitation)
        merchant = load_locked(Merchant, id=invitation.merchant_id)
        door.record(actor, merchant, "member_declined", person=actor.subject)


def change(actor: Actor, subject: str, rights: Iterable[str]) -> None:
    """What a member of the merchant's staff may do, from their next page on."""
    kept = _rights(rights)
    with transaction():
        merchant, account, member = _staff(actor, subject)
        member.rights = kept
        door.record(actor, merchant, "member_changed", person=account.subject, rights=kept)
        letters.rights_changed(account, merchant)


def remove(actor: Actor, subject: str) -> None:
    """They keep their own account, and lose the merchant's pages and every session at once."""
    with transaction():
        merchant, account, member = _staff(actor, subject)
        db.session.delete(member)
        account.roles = sorted(set(account.roles) - {"merchant"})
        sessions.end_others(account, keep=None)
        door.record(actor, merchant, "member_removed", person=account.subject)
        letters.left(account, merchant)


def _staff(actor: Actor, subject: str) -> tuple[Merchant, Account, Member]:
    require(actor, "member.manage")
    account = load(Account, subject=subject)
    member = load(Member, account_id=account.id)
    require(actor, "member.edit", member)
    merchant = load_locked(Merchant, id=member.merchant_id)
    if member.role == "owner":
        raise Impossible("member.owner", lazy("The owner’s own rights can’t be changed here."))
    return merchant, load_locked(Account, id=account.id), load_locked(Member, id=member.id)


def _mine(actor: Actor, ref: str) -> Invitation:
    invitation = load_locked(Invitation, ref=ref)
    require(actor, "member.answer", invitation)
    return invitation


def _close(invitation: Invitation) -> None:
    if invitation.closed_at is not None or invitation.expires_at <= clock.now():
        raise Impossible("member.closed", lazy("This invitation is not open any more."))
    invitation.closed_at = clock.now()


def _rights(rights: Iterable[str]) -> list[str]:
    kept = [right for right in RIGHTS if right in set(rights)]
    if not kept:
        raise Invalid({"rights": lazy("Choose at least one thing that they may do.")})
    return kept


def _open() -> tuple[ColumnElement[bool], ...]:
    return (Invitation.closed_at.is_(None), Invitation.expires_at > clock.now())


def _of(account: Account) -> Select[Any]:
    mine = select(Invitation).where(Invitation.account_id == account.id, Invitation.closed_at.is_(None))
    return mine.order_by(Invitation.id.desc())


def _owners(merchant_id: UUID) -> list[Account]:
    statement = select(Account).join(Member, Member.account_id == Account.id)
    found = statement.where(Member.merchant_id == merchant_id, Member.role == "owner")
    return list(db.session.execute(found).scalars())
