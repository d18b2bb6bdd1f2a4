"""What the provider sends to banks: a merchant's payouts, followed for the merchant; ours, followed in the books."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor
from daigou.core.db import Page, db, find, keyset, load_locked, transaction
from daigou.core.i18n import lazy
from daigou.ledger.service import post
from daigou.payments.actor import SYSTEM
from daigou.providers.payment import PayoutSeen

from . import rules
from .models import PayoutAccount, ProviderPayout

_MOVES = {"paid": "arrive", "failed": "fail", "canceled": "cancel"}

# What a merchant can do, by the provider's code of why its bank did not take the money.
ADVICE = {
    "account_closed": lazy("This bank account is closed. Enter another one at the payment provider."),
    "no_account": lazy("The bank does not know this account. Check its number at the payment provider."),
    "invalid_account_number": lazy("The bank does not know this account. Check its number at the payment provider."),
    "incorrect_account_holder_name": lazy("The account is in another name. Enter the name as the bank has it."),
    "debit_not_authorized": lazy("Your bank does not allow this. Ask your bank, or enter another account."),
    "invalid_currency": lazy("This account does not take this currency. Enter another one."),
    "bank_account_restricted": lazy("Your bank restricts this account. Ask your bank, or enter another one."),
}
_OTHERWISE = lazy("Check your bank details at the payment provider, or ask your bank.")


def advice(code: str | None) -> Any:
    return ADVICE.get(code or "", _OTHERWISE)


def apply(seen: PayoutSeen) -> None:
    """Bring our row to where the payout is; what it moved of ours is posted once per line."""
    with transaction():
        merchant_id = _whose(seen)
        if seen.account_id is not None and merchant_id is None:
            return  # an account of another platform's, or one that we forgot
        row = _row(seen, merchant_id)
        row.failure = (seen.failure or "")[:80] or None
        row.arrives = seen.arrives
        for line in seen.lines:
            lines = rules.left_for_bank(seen.id, line)
            post(SYSTEM, row, "to_bank", f"stripe:{line.id}", lines)
        move = _MOVES.get(seen.status)
        if move and row.can(move):
            door.transition(SYSTEM, row, move, payout=seen.id, code=row.failure)
            if move == "fail" and merchant_id is not None:
                outbox.put("payout.bank_refused", provider_payout_id=row.id)


def _whose(seen: PayoutSeen) -> Any:
    known = find(PayoutAccount, provider_id=seen.account_id) if seen.account_id else None
    return known.merchant_id if known else None


def _row(seen: PayoutSeen, merchant_id: Any) -> ProviderPayout:
    """The row, locked; two webhooks of a new payout meet in the insert."""
    fresh = ProviderPayout(
        provider_id=seen.id,
        merchant_id=merchant_id,
        currency=seen.amount.currency,
        amount_minor=seen.amount.minor,
        arrives=seen.arrives,
        arrived_minor=0,
    )
    table: Any = ProviderPayout.__table__
    values = {c.name: getattr(fresh, c.name) for c in table.columns} | {"state_since": clock.now()}
    values |= {"id": ids.new_id(), "created_at": clock.now()}
    db.session.execute(insert(table).values(values).on_conflict_do_nothing(index_elements=["provider_id"]))
    found: ProviderPayout = load_locked(ProviderPayout, provider_id=seen.id)
    if found.stream_no == 0:
        door.created(SYSTEM, found, payout=seen.id, amount=str(found.amount))
    return found


def of_merchant(actor: Actor, cursor: str | None) -> Page:
    """What the provider has sent to the merchant's bank, newest first."""
    statement = select(ProviderPayout).where(ProviderPayout.merchant_id == actor.merchant_id)
    return keyset(statement, ProviderPayout.created_at, ProviderPayout.id, cursor=cursor, size=12)
