"""Payment pages, and what became of a payment."""

from __future__ import annotations

from typing import Any

from daigou.providers.payment import HostedPage, PageOrder, PaymentSeen, RefusedTry

from . import facts, pages
from .connection import Connection, plain
from .errors import translated

_CHARGE = "latest_charge.balance_transaction"


class Payments(Connection):
    def open_page(self, order: PageOrder) -> HostedPage:
        with translated("opening a payment page"):
            page: Any = pages.page(order)
            if pages.needs_customer(order):
                page["customer"] = self._customer(order)
            made = self._client.v1.checkout.sessions.create(page, {"idempotency_key": order.key})
            return HostedPage(made.id, str(made.url))

    def _customer(self, order: PageOrder) -> str:
        """Nobody to Stripe but a number. Bank details are issued to a customer; one a payment keeps its money apart."""
        params: Any = {"metadata": {"attempt_id": order.attempt_id}}
        return self._client.v1.customers.create(params, {"idempotency_key": f"{order.key}-customer"}).id

    def close_page(self, page_id: str) -> None:
        """Nobody can pay there any more. Rejected when it was completed or has expired by itself."""
        with translated("closing a payment page"):
            self._client.v1.checkout.sessions.expire(page_id)

    def payment_of_page(self, page_id: str) -> PaymentSeen:
        with translated("reading a payment page"):
            expand = [f"payment_intent.{_CHARGE}"]
            session = plain(self._client.v1.checkout.sessions.retrieve(page_id, {"expand": expand}))
            return facts.payment(session, session.get("payment_intent"))

    def payment_of_intent(self, intent_id: str) -> PaymentSeen:
        with translated("reading a payment"):
            intent = plain(self._client.v1.payment_intents.retrieve(intent_id, {"expand": [_CHARGE]}))
            return facts.payment(None, intent)

    def refused_try(self, event_id: str) -> RefusedTry | None:
        """From the event as Stripe keeps it (thirty days), not as it was delivered. Rejected when it is unknown."""
        with translated("reading an event"):
            event = plain(self._client.v1.events.retrieve(event_id))
            return facts.refused(event["data"]["object"], event["id"])

    def cancel_payment(self, intent_id: str) -> PaymentSeen:
        """Stop waiting for its money. Rejected when a bank is already at it, or it has ended."""
        with translated("cancelling a payment"):
            intent = plain(self._client.v1.payment_intents.cancel(intent_id, {"expand": [_CHARGE]}))
            return facts.payment(None, intent)

    def forget_payer(self, intent_id: str) -> bool:
        """The charge itself stays: the law keeps it here and there. Rejected when Stripe knows no such payment."""
        with translated("forgetting a payer"):
            customer = plain(self._client.v1.payment_intents.retrieve(intent_id)).get("customer")
            if customer is None or plain(self._client.v1.customers.retrieve(str(customer))).get("deleted"):
                return False
            self._client.v1.customers.delete(str(customer))
            return True
