"""A merchant asks for its deposit: it stands before the officers until two have sent it or one has said why not."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.audit import door, proposals
from compliance.qualification import conflicts
from daigou.accounts.models import Merchant
from daigou.core import ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy

from . import depositing, news
from .models import DepositRequest


def ask(actor: Actor) -> DepositRequest:
    """Ask for all of it. Impossible, in words, while it must stay, no way is set up, or one request is open."""
    with transaction():
        merchant = load_locked(Merchant, id=actor.merchant_id)
        require(actor, "deposit.ask", merchant)
        amount = depositing.returnable(merchant)
        if find(DepositRequest, merchant_id=merchant.id, state="asked") is not None:
            raise Impossible("deposit.asked", lazy("You have asked for it already. An officer looks at it."))
        row = DepositRequest(
            ref=ids.new_ref("DRQ"),
            merchant_id=merchant.id,
            merchant_ref=merchant.ref,
            currency=amount.currency,
            amount_minor=amount.minor,
        )
        door.created(actor, row, request=row.ref, amount=str(amount))
        db.session.flush()
        news.deposit_asked(row)
    return row


def decline(actor: Actor, ref: str, reason: str) -> DepositRequest:
    """It stays a deposit, for a reason that the merchant reads. Sending it takes two; keeping it takes one."""
    with transaction():
        known: DepositRequest = load(DepositRequest, ref=ref)
        conflicts.require_none_with(actor, load_locked(Merchant, id=known.merchant_id))
        row: DepositRequest = load_locked(DepositRequest, id=known.id)
        row.answer = proposals.checked(reason)
        door.transition(actor, row, "decline", request=row.ref)
        news.deposit_kept(row)
    return row


def waiting(cursor: str | None) -> Page:
    """What an officer has to look at, the oldest first."""
    statement = select(DepositRequest).where(DepositRequest.state == "asked")
    return keyset(statement, DepositRequest.created_at, DepositRequest.id, cursor=cursor, descending=False)


def latest(merchant_id: UUID) -> DepositRequest | None:
    """The last time that a merchant has asked, and what became of it."""
    statement = select(DepositRequest).where(DepositRequest.merchant_id == merchant_id)
    newest = statement.order_by(DepositRequest.created_at.desc(), DepositRequest.id.desc()).limit(1)
    return db.session.execute(newest).scalar_one_or_none()
