"""A refund after the release: the merchant's part is taken back, in one order that never changes.

First the transfer itself is reversed, then the next releases are kept, then the deposit, then the reserve fund stands
in. What remains is a claim on the merchant, settled by itself from later releases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import Actor
from daigou.core.db import advisory_lock, db, find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import releasing
from daigou.payments.escrow import rules as escrow
from daigou.payments.escrow.models import Release
from daigou.payments.paying.rules import KEY_LIFE
from daigou.payments.provider import provider
from daigou.providers.payment import ReversalSeen, Trouble, Unanswered

from . import rules
from .models import Payout, Recourse


def alone_with(merchant_id: UUID, currency: str) -> None:
    """Until the transaction ends nobody else bundles this merchant's releases or settles its claims.

    Taken after an item's lock and before those of payouts, releases and recourses.
    """
    advisory_lock(f"payout:{merchant_id}:{currency}")


def recover(actor: Actor, item: OrderItem, amount: Money, about: str) -> Recourse:
    """Put ``amount`` (the shopper's currency) back into a released item's escrow, for a refund to take it from there.

    ``about`` is the reference of what made it necessary. Our own parts, fee and commission, come back from our own
    accounts; the merchant's becomes a claim on it. Impossible when the item was not released, or not for so much.
    """
    with transaction():
        faults.step("recourse.take_back")
        item = load_locked(OrderItem, id=item.id)
        alone_with(item.merchant_id, item.merchant_currency)
        release, payout = _locked(item)
        if amount.currency != item.currency or not 0 < amount.minor <= release.held_minor - release.taken_back_minor:
            raise Impossible("recourse.too_much", lazy("This is more than was released for it. Nothing was refunded."))
        parts = _parts(item, release, amount)
        release.taken_back_minor += amount.minor
        row = _row(release, payout, amount, parts, about)
        door.created(actor, row, recourse=row.ref, amount=str(row.amount), about=about)
        lines = escrow.taken_back(str(item.id), str(item.merchant_id), amount, parts)
        post(actor, row, "taken_back", f"recourse:{row.id}", lines, item=item.ref)
        _start(row)
        return row


def fetch_back(actor: Actor, item: OrderItem, amount: Money, about: str) -> Money:
    """Like recover(), as far as there is something to recover; answers with how much is back in escrow."""
    release = find(Release, item_id=item.id)
    part = min(amount, Money(release.held_minor - release.taken_back_minor, item.currency)) if release else None
    if part is None or part.minor <= 0:
        return Money.zero(amount.currency)
    recover(actor, item, part, about)
    return part


def _locked(item: OrderItem) -> tuple[Release, Payout | None]:
    """Payout first, then release: the order in which everybody locks them."""
    known = find(Release, item_id=item.id)
    if known is None:
        raise Impossible("recourse.not_released", lazy("The money of this item is still held."))
    payout = load_locked(Payout, id=known.payout_id) if known.payout_id else None
    return load_locked(Release, id=known.id), payout


def _parts(item: OrderItem, release: Release, amount: Money) -> escrow.Share:
    price, before = releasing.price_of(item), Money(release.held_minor - release.taken_back_minor, item.currency)
    return escrow.less(escrow.share(price, before), escrow.share(price, before - amount))


def _row(release: Release, payout: Payout | None, held: Money, parts: escrow.Share, about: str) -> Recourse:
    owed = parts.net
    row = Recourse(
        ref=ids.new_ref("REC"),
        merchant_id=release.merchant_id,
        merchant_ref=release.merchant_ref,
        item_id=release.item_id,
        order_ref=release.order_ref,
        about=about,
        currency=owed.currency,
        amount_minor=owed.minor,
        commission_minor=parts.commission.minor,
        held_minor=held.minor,
    )
    if payout is not None and payout.rail == "connect" and payout.is_("paid"):
        row.reversal_minor = min(owed.minor, payout.amount_minor - payout.reversed_minor)
        row.payout_id = payout.id if row.reversal_minor else None
        payout.reversed_minor += row.reversal_minor
    return row


def _start(row: Recourse) -> None:
    db.session.flush()
    if row.reversal_minor:
        outbox.put("recourse.submit", recourse_id=row.id)
    else:
        _go_on(row)


# ---- the transfer first: the job's half


def submit(recourse_id: UUID) -> None:
    """Ask for the transfer back. Run again, it first looks whether it was done already."""
    with transaction():
        row = load(Recourse, id=recourse_id)
        payout = find(Payout, id=row.payout_id) if row.payout_id else None
    if not row.is_("reversing") or payout is None or payout.provider_id is None:
        return
    try:
        faults.point("recourse.before_call")
        seen = _look_up(row, payout) or _ask(row, payout)
        faults.point("recourse.after_effect")
    except Unanswered as unanswered:
        if unanswered.answered:
            _new_key(recourse_id)
        raise
    except Trouble as trouble:
        _not_reversed(recourse_id, trouble.code)
        return
    apply(seen)


def _ask(row: Recourse, payout: Payout) -> ReversalSeen:
    amount = Money(row.reversal_minor, row.currency)
    return provider().reverse(row.idempotency_key, str(row.id), str(payout.provider_id), amount)


def _look_up(row: Recourse, payout: Payout) -> ReversalSeen | None:
    found = [seen for seen in provider().reversals_of(str(payout.provider_id)) if seen.recourse_id == str(row.id)]
    if not found and clock.now() - row.created_at > KEY_LIFE:
        _new_key(row.id)
    return found[0] if found else None


def _new_key(recourse_id: UUID) -> None:
    with transaction():
        load_locked(Recourse, id=recourse_id).tries += 1


def apply(seen: ReversalSeen) -> None:
    """A reversal that the provider has made: book it, then take the rest from elsewhere."""
    with transaction():
        faults.step("recourse.apply")
        row = _row_of(seen)
        if row is None or seen.line is None or not row.is_("reversing"):
            return
        row.reversal_id = seen.id
        lines = rules.reversed_(str(row.merchant_id), seen.line)
        post(SYSTEM, row, "reversed", f"stripe:{seen.line.id}", lines)
        _go_on(row)


def _row_of(seen: ReversalSeen) -> Recourse | None:
    try:
        key = UUID(seen.recourse_id)
    except ValueError:
        return None
    known = find(Recourse, id=key)
    if known is None:
        return None
    alone_with(known.merchant_id, known.currency)
    return load_locked(Recourse, id=key)


def _not_reversed(recourse_id: UUID, code: str) -> None:
    """The merchant's account does not have it any more: the next source is asked."""
    with transaction():
        known = load(Recourse, id=recourse_id)
        alone_with(known.merchant_id, known.currency)
        payout = load_locked(Payout, id=known.payout_id)
        row = load_locked(Recourse, id=recourse_id)
        if not row.is_("reversing"):
            return
        payout.reversed_minor -= row.reversal_minor
        row.reversal_minor, row.refusal = 0, code[:80]
        _go_on(row)


# ---- then everything else that is the merchant's or stands in for it


def _go_on(row: Recourse) -> None:
    """Next releases, deposit, reserve fund, in this order, for all that this merchant owes in this currency."""
    door.transition(SYSTEM, row, "go_on", reversed=row.reversal_minor)
    db.session.flush()
    withhold(SYSTEM, unsent(row.merchant_id, row.currency))
    _from_deposit(row)
    balance_fund(SYSTEM, row)
    _settle_paid(row.merchant_id, row.currency)


def unsent(merchant_id: UUID, currency: str) -> list[Release]:
    """Releases that are decided and not sent, locked, the oldest first."""
    statement = (
        select(Release)
        .where(
            Release.merchant_id == merchant_id, Release.currency == currency, Release.state.in_(("decided", "waiting"))
        )
        .order_by(Release.created_at, Release.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(statement).scalars())


def owed(merchant_id: UUID, currency: str) -> Money:
    """What may be taken from a merchant now: its claim, less what is being asked of its transfers."""
    asked = select(func.coalesce(func.sum(Recourse.reversal_minor), 0)).where(
        Recourse.merchant_id == merchant_id, Recourse.currency == currency, Recourse.state == "reversing"
    )
    pending = Money(int(db.session.execute(asked).scalar_one()), currency)
    return max(balance("claim", currency, merchant_id) - pending, Money.zero(currency))


def withhold(actor: Actor, rows: Sequence[Release]) -> Money:
    """Keep what the merchant owes from these releases, alone with it and with their locks. How much was kept."""
    if not rows:
        return Money.zero("XXX")
    merchant_id, currency = rows[0].merchant_id, rows[0].currency
    whole = rest = owed(merchant_id, currency)
    for row in rows:
        part = min(row.left, rest)
        if part:
            key = f"release:{row.id}:withheld:{row.withheld_minor}"
            row.withheld_minor += part.minor
            rest -= part
            post(actor, row, "withheld", key, rules.withheld(str(merchant_id), part))
    if rest != whole:
        balance_fund(actor, rows[0])
        _settle_paid(merchant_id, currency)
    return whole - rest


def _from_deposit(row: Recourse) -> None:
    part = min(owed(row.merchant_id, row.currency), balance("deposit", row.currency, row.merchant_id))
    if part:
        key = f"recourse:{row.id}:deposit"
        post(SYSTEM, row, "deposit_taken", key, rules.taken_from_deposit(str(row.merchant_id), part))


def balance_fund(actor: Actor, about: Any) -> None:
    """The reserve fund stands in for what nothing else covers, and is refilled when the merchant pays."""
    advisory_lock(f"reserve:{about.currency}")
    claim = owed(about.merchant_id, about.currency)
    stands_in = balance("reserve_advanced", about.currency, about.merchant_id)
    change = min(claim - stands_in, balance("reserve", about.currency))
    if change:
        key = f"fund:{about.id}:{about.stream_no}"
        post(actor, about, "fund_balanced", key, rules.advanced(str(about.merchant_id), change))


def _settle_paid(merchant_id: UUID, currency: str) -> None:
    """Recourses are over, the oldest first, as far as the claim has been paid."""
    left = balance("claim", currency, merchant_id).minor
    statement = (
        select(Recourse)
        .where(Recourse.merchant_id == merchant_id, Recourse.currency == currency, Recourse.state != "settled")
        .order_by(Recourse.created_at.desc(), Recourse.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for row in db.session.execute(statement).scalars().all():
        if row.is_("claimed") and left <= 0:
            door.transition(SYSTEM, row, "settle", recourse=row.ref)
        left -= row.amount_minor - (row.reversal_minor if row.reversal_id else 0)
