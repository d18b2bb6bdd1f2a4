"""The adapter: our calls over Stripe's library, with Stripe's own keys, limits and names kept in here."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import stripe

from daigou.core.money import Money
from daigou.providers.payment import (
    AccountSeen,
    BookLine,
    DisputeSeen,
    EventSeen,
    HostedPage,
    PageOrder,
    PaymentSeen,
    PayoutSeen,
    RefundSeen,
    RefusedTry,
    Rejected,
    ReversalSeen,
    TransferSeen,
)

from . import facts, pages, signature
from .amounts import from_stripe, to_stripe
from .errors import translated

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
RETRIES = 1  # the library repeats under the same idempotency key, and only what Stripe says may be repeated
_CHARGE = "latest_charge.balance_transaction"
_PAGE_ROWS = 100
CLOCKS_APART = 300  # seconds
logging.getLogger("stripe").setLevel(logging.WARNING)  # it tells of every request at INFO


class StripeProvider:
    """Implements payment.PaymentProvider. ``secrets`` are those of the webhook endpoint, the newest first."""

    def __init__(
        self, key: str, secrets: tuple[str, ...], *, address: str = "", timeouts: tuple[float, float] | None = None
    ) -> None:
        self._secrets = secrets
        self._client = stripe.StripeClient(
            key,
            max_network_retries=RETRIES,
            base_addresses={"api": address, "connect": address, "files": address} if address else None,
            http_client=stripe.RequestsClient(timeout=timeouts or (CONNECT_SECONDS, READ_SECONDS)),
        )

    # ---- webhooks

    def read_event(self, body: bytes, header: str | None) -> EventSeen:
        signature.verify(body, header, self._secrets)
        return signature.read(body)

    # ---- paying

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
            session = _plain(self._client.v1.checkout.sessions.retrieve(page_id, {"expand": expand}))
            return facts.payment(session, session.get("payment_intent"))

    def payment_of_intent(self, intent_id: str) -> PaymentSeen:
        with translated("reading a payment"):
            intent = _plain(self._client.v1.payment_intents.retrieve(intent_id, {"expand": [_CHARGE]}))
            return facts.payment(None, intent)

    def refused_try(self, event_id: str) -> RefusedTry | None:
        """From the event as Stripe keeps it (thirty days), not as it was delivered. Rejected when it is unknown."""
        with translated("reading an event"):
            event = _plain(self._client.v1.events.retrieve(event_id))
            return facts.refused(event["data"]["object"], event["id"])

    def cancel_payment(self, intent_id: str) -> PaymentSeen:
        """Stop waiting for its money. Rejected when a bank is already at it, or it has ended."""
        with translated("cancelling a payment"):
            intent = _plain(self._client.v1.payment_intents.cancel(intent_id, {"expand": [_CHARGE]}))
            return facts.payment(None, intent)

    def forget_payer(self, intent_id: str) -> bool:
        """The charge itself stays: the law keeps it here and there. Rejected when Stripe knows no such payment."""
        with translated("forgetting a payer"):
            customer = _plain(self._client.v1.payment_intents.retrieve(intent_id)).get("customer")
            if customer is None or _plain(self._client.v1.customers.retrieve(str(customer))).get("deleted"):
                return False
            self._client.v1.customers.delete(str(customer))
            return True

    # ---- refunds

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
            return facts.refund(_plain(made))

    def refund_seen(self, provider_id: str) -> RefundSeen:
        with translated("reading a refund"):
            expand = ["balance_transaction"]
            row = _plain(self._client.v1.refunds.retrieve(provider_id, {"expand": [*expand]}))
            if row.get("failure_balance_transaction"):
                expand += ["failure_balance_transaction"]
                row = _plain(self._client.v1.refunds.retrieve(provider_id, {"expand": [*expand]}))
            return facts.refund(row)

    def refunds_of(self, intent_id: str) -> list[RefundSeen]:
        return self._refunds({"payment_intent": intent_id})

    def refunds_of_charge(self, charge_id: str) -> list[RefundSeen]:
        return self._refunds({"charge": charge_id})

    def _refunds(self, which: Any) -> list[RefundSeen]:
        with translated("listing refunds"):
            found = self._client.v1.refunds.list({**which, "limit": _PAGE_ROWS})
            ids = [row.id for row in found.auto_paging_iter()]
        return [self.refund_seen(one) for one in ids]

    # ---- merchants

    def open_account(self, key: str, merchant_ref: str, country: str, currency: str) -> AccountSeen:
        with translated("opening a payout account"):
            made = self._client.v1.accounts.create(
                {
                    "country": country,
                    "default_currency": currency.lower(),
                    "controller": {
                        "fees": {"payer": "application"},
                        "losses": {"payments": "application"},
                        "stripe_dashboard": {"type": "express"},
                        "requirement_collection": "stripe",
                    },
                    "capabilities": {"transfers": {"requested": True}},
                    "metadata": {"merchant_ref": merchant_ref},
                },
                {"idempotency_key": key},
            )
            return facts.account(_plain(made))

    def account_of(self, merchant_ref: str, since: datetime) -> AccountSeen | None:
        """Stripe finds accounts by their age, not by their metadata. Its clock may be a little off ours."""
        with translated("looking for a payout account"):
            young: Any = {"created": {"gte": int(since.timestamp()) - CLOCKS_APART}, "limit": _PAGE_ROWS}
            for account in self._client.v1.accounts.list(young).auto_paging_iter():
                row = _plain(account)
                if row["metadata"].get("merchant_ref") == merchant_ref:
                    return facts.account(row)
            return None

    def account_seen(self, provider_id: str) -> AccountSeen:
        with translated("reading a payout account"):
            return facts.account(_plain(self._client.v1.accounts.retrieve(provider_id)))

    def onboarding_url(self, provider_id: str, return_url: str, refresh_url: str) -> str:
        with translated("opening an onboarding page"):
            link = self._client.v1.account_links.create(
                {
                    "account": provider_id,
                    "type": "account_onboarding",
                    "return_url": return_url,
                    "refresh_url": refresh_url,
                }
            )
            return str(link.url)

    def transfer(self, key: str, payout_id: str, account_id: str, amount: Money) -> TransferSeen:
        with translated("paying a merchant"):
            made = self._client.v1.transfers.create(
                {
                    "amount": to_stripe(amount),
                    "currency": amount.currency.lower(),
                    "destination": account_id,
                    "transfer_group": payout_id,
                    "metadata": {"payout_id": payout_id},
                    "expand": ["balance_transaction"],
                },
                {"idempotency_key": key},
            )
            return facts.transfer(_plain(made))

    def transfer_seen(self, provider_id: str) -> TransferSeen:
        with translated("reading a transfer"):
            row = self._client.v1.transfers.retrieve(provider_id, {"expand": ["balance_transaction"]})
            return facts.transfer(_plain(row))

    def transfers_of(self, payout_id: str) -> list[TransferSeen]:
        with translated("listing transfers"):
            found = self._client.v1.transfers.list(
                {"transfer_group": payout_id, "limit": _PAGE_ROWS, "expand": ["data.balance_transaction"]}
            )
            return [facts.transfer(_plain(row)) for row in found.auto_paging_iter()]

    def reverse(self, key: str, recourse_id: str, transfer_id: str, amount: Money) -> ReversalSeen:
        """Take a transfer back, or a part of it. Rejected when the merchant's balance does not have it any more."""
        with translated("reversing a transfer"):
            made = self._client.v1.transfers.reversals.create(
                transfer_id,
                {
                    "amount": to_stripe(amount),
                    "metadata": {"recourse_id": recourse_id},
                    "expand": ["balance_transaction"],
                },
                {"idempotency_key": key},
            )
            return facts.reversal(_plain(made))

    def reversals_of(self, transfer_id: str) -> list[ReversalSeen]:
        with translated("listing reversals"):
            found = self._client.v1.transfers.reversals.list(
                transfer_id, {"limit": _PAGE_ROWS, "expand": ["data.balance_transaction"]}
            )
            return [facts.reversal(_plain(row)) for row in found.auto_paging_iter()]

    def payout_seen(self, provider_id: str, account_id: str | None) -> PayoutSeen:
        with translated("reading a payout"):
            expand = ["balance_transaction", "failure_balance_transaction"]
            whose: Any = {"stripe_account": account_id} if account_id else {}
            row = _plain(self._client.v1.payouts.retrieve(provider_id, {"expand": expand}, whose))
            return facts.payout(row, account_id)

    def dispute_seen(self, provider_id: str) -> DisputeSeen:
        with translated("reading a dispute"):
            return facts.dispute(_plain(self._client.v1.disputes.retrieve(provider_id)))

    def upload_evidence(self, key: str, name: str, content: bytes) -> str:
        """A paper for a bank's eyes; answers with the provider's id of it."""
        with translated("uploading evidence"):
            paper = io.BytesIO(content)
            paper.name = name
            params: Any = {"purpose": "dispute_evidence", "file": paper}
            return str(self._client.v1.files.create(params, {"idempotency_key": key}).id)

    def answer_dispute(self, key: str, provider_id: str, evidence: Mapping[str, str]) -> DisputeSeen:
        """Send the evidence, for good: the bank reads it once."""
        with translated("answering a dispute"):
            params: Any = {"evidence": dict(evidence), "submit": True}
            return facts.dispute(_plain(self._client.v1.disputes.update(provider_id, params, {"idempotency_key": key})))

    def close_dispute(self, key: str, provider_id: str) -> DisputeSeen:
        """Accept it: the payer keeps the money."""
        with translated("accepting a dispute"):
            return facts.dispute(_plain(self._client.v1.disputes.close(provider_id, {}, {"idempotency_key": key})))

    # ---- the provider's books

    def balances(self) -> dict[str, Money]:
        """Available and pending together, by currency."""
        with translated("reading the balance"):
            found: dict[str, Money] = {}
            row = _plain(self._client.v1.balance.retrieve())
            for part in (*row["available"], *row["pending"]):
                money = from_stripe(part["amount"], part["currency"])
                found[money.currency] = found.get(money.currency, Money.zero(money.currency)) + money
            return found

    def available(self, currency: str) -> Money:
        """What could be transferred this minute."""
        with translated("reading the balance"):
            for part in _plain(self._client.v1.balance.retrieve())["available"]:
                if part["currency"].upper() == currency:
                    return from_stripe(part["amount"], part["currency"])
            return Money.zero(currency)

    def book_line(self, line_id: str) -> BookLine | None:
        """One line by its number; None when there is no such line."""
        try:
            with translated("reading a line of the provider's books"):
                return facts.line(_plain(self._client.v1.balance_transactions.retrieve(line_id)))
        except Rejected:
            return None

    def book_lines(self, since: datetime, until: datetime | None = None) -> Iterator[BookLine]:
        """Newest first, a page at a time, so that memory stays the same however many there are."""
        asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE_ROWS}
        if until:
            asked["created"]["lt"] = int(until.timestamp())
        with translated("reading the provider's books"):
            found = self._client.v1.balance_transactions.list(asked)
            for row in found.auto_paging_iter():
                seen = facts.line(_plain(row))
                if seen is not None:
                    yield seen


def _plain(found: Any) -> dict[str, Any]:
    plain: dict[str, Any] = found.to_dict()
    return plain
