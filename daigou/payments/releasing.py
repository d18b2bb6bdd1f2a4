"""Held money becomes its merchant's: decided in the caller's transaction, paid out by a job."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from compliance.audit import door
from compliance.identity import tiers
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.providers.payment import Rejected, TransferSeen, Trouble, Unanswered

from . import rails, rules
from .models import PayoutAccount, Release
from .provider import provider
from .starting import SYSTEM

log = logging.getLogger(__name__)


def release_item(actor: Actor, item: OrderItem, rule: str) -> Release | None:
    """What is held for an item goes to its merchant and into our fee, in the caller's transaction.

    ``rule`` names why (``receipt_confirmed``). The item must be over: completed, or refunded with a rest still held.
    None when nothing is held. Called twice, it answers with the first release.
    """
    with transaction():
        item = load_locked(OrderItem, id=item.id)
        known = find(Release, item_id=item.id)
        if known is not None:
            return known
        if not item.is_("completed", "refunded"):
            raise Impossible(
                "release.not_due", lazy("The money stays held until it is confirmed that the item has arrived.")
            )
        held = balance("escrow", item.currency, item.id)
        return _decide(actor, item, held, rule) if held else None


def price_of(item: OrderItem) -> rules.Price:
    """An item's two prices, as the pure rules want them."""
    ours, theirs = item.currency, item.merchant_currency
    return rules.Price(
        goods=Money(item.goods_minor, ours),
        freight=Money(item.freight_minor, ours),
        fee=Money(item.fee_minor, ours),
        merchant_goods=Money(item.merchant_goods_minor, theirs),
        merchant_freight=Money(item.merchant_freight_minor, theirs),
        commission=Money(item.commission_minor, theirs),
    )


def _decide(actor: Actor, item: OrderItem, held: Money, rule: str) -> Release:
    parts = rules.share(price_of(item), held)
    row = Release(
        ref=ids.new_ref("REL"),
        item_id=item.id,
        merchant_id=item.merchant_id,
        merchant_ref=item.merchant_ref,
        order_ref=item.order_ref,
        rule=rule,
        currency=parts.net.currency,
        amount_minor=parts.net.minor,
    )
    door.created(actor, row, release=row.ref, rule=rule, item=item.ref, amount=str(row.amount))
    lines = rules.released(str(item.id), str(item.merchant_id), held, parts)
    post(actor, row, "released", f"release:{row.id}", lines, rule=rule, item=item.ref)
    if row.amount:
        hold = timedelta(days=tiers.merchant_limits(row.merchant_id).payout_hold_days)
        outbox.put("release.submit", hold or None, release_id=row.id)
    else:
        door.transition(SYSTEM, row, "settle")
    return row


def settle_parcel(actor: Actor, parcel: Any) -> None:
    """What is held for a delivered parcel goes to the carrier, the insurer and the customs authority. Once only."""
    with transaction():
        freight, premium, duty = (
            Money(minor, parcel.currency) for minor in (parcel.freight_minor, parcel.insurance_minor, parcel.duty_minor)
        )
        held = balance("escrow", parcel.currency, parcel.id)
        if held:
            # What was billed beyond the three parts (rounding of a line) is the carrier's.
            freight = held - premium - duty
            lines = rules.freight_settled(str(parcel.id), freight, premium, duty)
            post(actor, parcel, "freight_settled", f"parcel:{parcel.id}:settled", lines)


# ---- the job's half


def submit(release_id: UUID) -> None:
    """Pay the merchant, or write down why not yet. Run again, it first looks whether it was done already."""
    row, account, repeated = _begin(release_id)
    if account is None:
        return
    found = _look_up(row) if repeated else None
    try:
        seen = found or provider().transfer(row.idempotency_key, str(row.id), account, row.amount)
    except Unanswered as unanswered:
        if unanswered.answered:
            _new_key(release_id)
        raise
    except Trouble as trouble:
        _refused(release_id, trouble)
        return
    apply(seen)


def _begin(release_id: UUID) -> tuple[Release, str | None, bool]:
    """The row, the account to pay (None: not now), and whether an earlier try may have gone through."""
    with transaction():
        row = load_locked(Release, id=release_id)
        if row.is_("submitted"):
            return row, load(PayoutAccount, merchant_id=row.merchant_id).provider_id, True
        if not row.is_("decided", "waiting"):
            return row, None, False
        if _is_held(row):
            return row, None, False
        account, obstacle = _way(row)
        if obstacle or account is None:
            _wait(row, obstacle)
            return row, None, False
        door.transition(SYSTEM, row, "submit", release=row.ref)
        lines = rules.sent(str(row.id), str(row.merchant_id), row.amount)
        post(SYSTEM, row, "payout_sent", f"release:{row.id}:{row.tries}:sent", lines)
        return row, account.provider_id, False


def _is_held(row: Release) -> bool:
    """Whether the merchant's tier has its money wait some days after the decision. The sweep asks again."""
    days = tiers.merchant_limits(row.merchant_id).payout_hold_days
    return clock.now() < row.created_at + timedelta(days=days)


def _way(row: Release) -> tuple[PayoutAccount | None, str]:
    """The account that can be paid now, or the code of what is in the way."""
    rail = rails.rail_of(row.merchant_id)
    if rail != "connect":
        return None, "rail_bank_file" if rail else "rail_missing"
    if row.currency != current_app.extensions["config"].platform_currency:
        return None, "currency"
    account = find(PayoutAccount, merchant_id=row.merchant_id)
    if account is None:
        return None, "no_account"
    return account, "" if account.is_("enabled") else "account_not_ready"


def _wait(row: Release, code: str) -> None:
    row.refusal = code
    if row.can("wait"):
        door.transition(SYSTEM, row, "wait", code=code)


def _look_up(row: Release) -> TransferSeen | None:
    found = [seen for seen in provider().transfers_of(str(row.id)) if not seen.is_reversed]
    if not found and clock.now() - row.state_since > rules.KEY_LIFE:
        _new_key(row.id)
    return found[0] if found else None


def _new_key(release_id: UUID) -> None:
    with transaction():
        load_locked(Release, id=release_id).tries += 1


def _refused(release_id: UUID, trouble: Trouble) -> None:
    """A definite no: the money is the merchant's still. What mends itself waits, the rest asks a person."""
    with transaction():
        row = load_locked(Release, id=release_id)
        if not row.is_("submitted"):
            return
        lines = [-line for line in rules.sent(str(row.id), str(row.merchant_id), row.amount)]
        post(SYSTEM, row, "payout_undone", f"release:{row.id}:{row.tries}:undone", lines)
        row.tries += 1
        if isinstance(trouble, Rejected) and trouble.code in rules.MENDABLE:
            _wait(row, trouble.code)
            return
        row.refusal = trouble.code[:200]
        door.transition(SYSTEM, row, "fail", code=row.refusal)


def apply(seen: TransferSeen) -> None:
    """A transfer that the provider has made: book it and be done."""
    with transaction():
        row = _row_of(seen)
        if row is None or seen.line is None or not row.is_("submitted"):
            return
        row.transfer_id, row.refusal = seen.id, None
        post(SYSTEM, row, "paid_out", f"stripe:{seen.line.id}", rules.arrived(str(row.id), seen.line))
        door.transition(SYSTEM, row, "settle", transfer=seen.id)
        outbox.put("release.paid", release_id=row.id)


def _row_of(seen: TransferSeen) -> Release | None:
    try:
        key = UUID(seen.release_id)
    except ValueError:
        return None
    return load_locked(Release, id=key) if find(Release, id=key) else None


def retry(actor: Actor, ref: str) -> Release:
    """An officer tries a failed payout again, under a new key."""
    with transaction():
        row: Release = load_locked(Release, ref=ref)
        require(actor, "release.decide", row)
        door.transition(actor, row, "retry", release=row.ref)
        row.refusal = None
        outbox.put("release.submit", release_id=row.id)
    return row
