"""A merchant's deposit goes back: when its shop ends or has risen in tier, after the time for claims, by two officers.

It is what refunds after a release are taken from. So nothing goes out while the merchant owes something, nor before the
days of the rule ``deposit_return`` have passed since its last release or since it rose to a tier above the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import String, cast, func, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from compliance.identity.models import Identity
from compliance.qualification import conflicts
from daigou.accounts.models import Merchant
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, find, keyset, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import _, format_money, lazy
from daigou.core.money import Money
from daigou.ledger.models import Account, Balance
from daigou.ledger.service import balance, post
from daigou.payments.escrow import rulebook
from daigou.payments.escrow.models import Release
from daigou.payments.paying import words

from . import leaving, rails, recourse, rules
from .models import DepositRequest, Payout

KIND: Final = "deposit.return"
RULE: Final = "deposit_return"

WHY_NOT: Final = {
    "nothing": lazy("There is no deposit."),
    "claim": lazy("The merchant owes money, or money is being taken back from it. That is settled first."),
    "trading": lazy("It covers what is sold. It goes back when the shop has nothing open, or has risen in tier."),
    "early": lazy("The time in which shoppers may still claim is not over."),
}


@dataclass(frozen=True, slots=True)
class Deposit:
    """``why_not`` is a code of WHY_NOT, or empty when it may go back; ``free_on`` is the day from which it may."""

    amount: Money
    why_not: str
    free_on: date | None
    returns: Sequence[Payout]
    waiting: Proposal | None


def of(merchant: Merchant) -> Deposit:
    amount = balance("deposit", merchant.currency, merchant.id)
    free_on = _free_on(merchant)
    waiting = proposals.open_about(KIND, merchant.stream)
    return Deposit(amount, _why_not(merchant, amount, free_on), free_on, _returns(merchant), waiting)


@dataclass(frozen=True, slots=True)
class HeldPage:
    rows: Sequence[tuple[Merchant, Money]]
    next: str | None


def held(cursor: str | None) -> HeldPage:
    """Every merchant with a deposit, the newest shop first: two queries."""
    has_one = (
        select(Account.id)
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind == "deposit", Account.owner == cast(Merchant.id, String))
        .group_by(Account.id)
        .having(func.sum(Balance.balance) < 0)
    )
    page = keyset(select(Merchant).where(has_one.exists()), Merchant.created_at, Merchant.id, cursor=cursor)
    amounts = _amounts(page.rows)
    return HeldPage([(shop, amount) for shop in page.rows for amount in amounts[shop.id]], page.next)


def _amounts(shops: Sequence[Merchant]) -> dict[UUID, list[Money]]:
    statement = (
        select(Account.owner, Account.currency, -func.sum(Balance.balance))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind == "deposit", Account.owner.in_([str(shop.id) for shop in shops]))
        .group_by(Account.id)
        .order_by(Account.currency)
    )
    found: dict[UUID, list[Money]] = {shop.id: [] for shop in shops}
    for owner, currency, minor in db.session.execute(statement):
        found[UUID(owner)] += [Money(int(minor), currency)] if minor else []
    return found


def propose(actor: Actor, ref: str, reason: str) -> Proposal:
    """Put the whole deposit before a second officer. Impossible, in words, while it must stay."""
    with transaction():
        merchant = load_locked(Merchant, ref=ref)
        require(actor, "deposit.return", merchant)
        conflicts.require_none_with(actor, merchant)
        amount = returnable(merchant)
        if proposals.open_about(KIND, merchant.stream) is not None:
            raise Impossible("deposit.proposed", lazy("Its return waits for a second officer already."))
        summary = _("Deposit of merchant %(ref)s: %(amount)s goes back.", ref=ref, amount=format_money(amount))
        payload = {"merchant": ref, "minor": amount.minor, "currency": amount.currency}
        return proposals.propose(actor, KIND, about=merchant.stream, summary=summary, reason=reason, payload=payload)


def _apply(actor: Actor, proposal: Proposal) -> Payout:
    """The second officer agreed: it leaves the deposit now, so that nothing else can take it on its way."""
    asked = proposal.payload
    merchant = load_locked(Merchant, ref=asked["merchant"])
    conflicts.require_none_with(actor, merchant)
    recourse.alone_with(merchant.id, merchant.currency)
    if returnable(merchant) != Money(asked["minor"], asked["currency"]):
        raise Impossible("deposit.changed", lazy("The deposit is another one now. Decline this, and look anew."))
    row = _payout(merchant, Money(asked["minor"], asked["currency"]))
    door.created(actor, row, payout=row.ref, rail=row.rail, amount=str(row.amount), proposal=proposal.ref)
    db.session.flush()
    lines = rules.sent(str(row.id), str(merchant.id), row.amount, row.out_of)
    post(actor, row, "deposit_sent", f"payout:{row.id}:sent", lines)
    _grant(actor, merchant, row)
    if row.rail == "connect":
        outbox.put("payout.submit", payout_id=row.id)
    return row


def _grant(actor: Actor, merchant: Merchant, payout: Payout) -> None:
    """Whoever had asked for it has it."""
    asked = find(DepositRequest, merchant_id=merchant.id, state="asked")
    if asked is not None:
        row: DepositRequest = load_locked(DepositRequest, id=asked.id)
        door.transition(actor, row, "grant", request=row.ref, payout=payout.ref)


def _payout(merchant: Merchant, amount: Money) -> Payout:
    return Payout(
        ref=ids.new_ref("PAY"),
        merchant_id=merchant.id,
        merchant_ref=merchant.ref,
        rail=str(rails.way(merchant.id, amount.currency).rail),
        currency=amount.currency,
        amount_minor=amount.minor,
        out_of="deposit",
        releases=0,
    )


def returnable(merchant: Merchant) -> Money:
    """The deposit, when all of it may go back today and there is a way for it. Impossible otherwise."""
    found = of(merchant)
    if found.why_not:
        raise Impossible(f"deposit.{found.why_not}", WHY_NOT[found.why_not])
    obstacle = rails.way(merchant.id, merchant.currency).obstacle
    if obstacle:
        raise Impossible("deposit.no_way", words.waiting(obstacle), obstacle=obstacle)
    return found.amount


def _why_not(merchant: Merchant, amount: Money, free_on: date | None) -> str:
    if not amount:
        return "nothing"
    if {"claim", "recourse", "reserve_advanced"} & {row.code for row in leaving.unsettled(merchant)}:
        return "claim"
    if free_on is None:
        return "trading"
    return "early" if clock.today() < free_on else ""


def _free_on(merchant: Merchant) -> date | None:
    """The first day on which it may go back, by the ground that comes first; None while neither holds."""
    wait = rulebook.span(RULE)
    grounds = [at for at in (_ended(merchant), _rose(merchant)) if at is not None]
    return (min(grounds) + wait).date() if grounds else None


def _ended(merchant: Merchant) -> datetime | None:
    """When the merchant's last money was released, where nothing of it is open any more but the deposit."""
    if {row.code for row in leaving.unsettled(merchant)} - {"deposit"}:
        return None
    last = select(func.max(Release.created_at)).where(Release.merchant_id == merchant.id)
    nothing_sold = clock.now() - timedelta(days=36500)
    return db.session.execute(last).scalar_one() or nothing_sold


def _rose(merchant: Merchant) -> datetime | None:
    """Since when the merchant is in a tier above the first."""
    identity = find(Identity, merchant_id=merchant.id)
    return identity.state_since if identity is not None and not identity.is_("basic") else None


def _returns(merchant: Merchant) -> Sequence[Payout]:
    statement = select(Payout).where(Payout.merchant_id == merchant.id, Payout.out_of == "deposit")
    return db.session.execute(statement.order_by(Payout.created_at.desc()).limit(12)).scalars().all()


_TITLE = lazy("Return of a merchant’s deposit")
proposals.register(proposals.Kind(KIND, propose="deposit.return", decide="payout.approve", title=_TITLE, apply=_apply))
