"""Refunds, each told with the line of the books that it is."""

from __future__ import annotations

from typing import Any

from daigou.core.money import Money
from daigou.providers.payment import RefundSeen

from . import facts
from .amounts import to_stripe
from .connection import PAGE_ROWS, Connection, plain
from .errors import translated


class Refunds(Connection):
    def refund(self, key: str, refund_id: str, intent_id: str, amount: Money) -> RefundSeen:
        with translated("refunding"):
            made = self._client.v1.refunds.create(
                {
                    "payment_intent": intent_id,
                    "amount": to_stripe(amount),
                    "reason": "requested_by_customer",
                    "metadata": {"refund_id": refund_id},
                    "expand": ["balance_transaction"],
                },
                {"idempotency_key": key},
            )
            return facts.refund(plain(made))

    def refund_seen(self, provider_id: str) -> RefundSeen:
        with translated("reading a refund"):
            expand = ["balance_transaction"]
            row = plain(self._client.v1.refunds.retrieve(provider_id, {"expand": [*expand]}))
            if row.get("failure_balance_transaction"):
                expand += ["failure_balance_transaction"]
                row = plain(self._client.v1.refunds.retrieve(provider_id, {"expand": [*expand]}))
            return facts.refund(row)

    def refunds_of(self, intent_id: str) -> list[RefundSeen]:
        return self._refunds({"payment_intent": intent_id})

    def refunds_of_charge(self, charge_id: str) -> list[RefundSeen]:
        return self._refunds({"charge": charge_id})

    def _refunds(self, which: Any) -> list[RefundSeen]:
        with translated("listing refunds"):
            found = self._client.v1.refunds.list({**which, "limit": PAGE_ROWS})
            ids = [row.id for row in found.auto_paging_iter()]
        return [self.refund_seen(one) for one in ids]
