"""Merchants’ accounts, what is transferred to them or taken back, and what they pay out to themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from daigou.core.money import Money
from daigou.providers.payment import AccountSeen, PayoutSeen, ReversalSeen, TransferSeen

from . import facts
from .amounts import to_stripe
from .connection import PAGE_ROWS, Connection, plain
from .errors import translated

CLOCKS_APART = 300  # seconds


class Transfers(Connection):
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
            return facts.account(plain(made))

    def account_of(self, merchant_ref: str, since: datetime) -> AccountSeen | None:
        """Stripe finds accounts by their age, not by their metadata. Its clock may be a little off ours."""
        with translated("looking for a payout account"):
            young: Any = {"created": {"gte": int(since.timestamp()) - CLOCKS_APART}, "limit": PAGE_ROWS}
            for account in self._client.v1.accounts.list(young).auto_paging_iter():
                row = plain(account)
                if row["metadata"].get("merchant_ref") == merchant_ref:
                    return facts.account(row)
            return None

    def account_seen(self, provider_id: str) -> AccountSeen:
        with translated("reading a payout account"):
            return facts.account(plain(self._client.v1.accounts.retrieve(provider_id)))

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
            return facts.transfer(plain(made))

    def transfer_seen(self, provider_id: str) -> TransferSeen:
        with translated("reading a transfer"):
            row = self._client.v1.transfers.retrieve(provider_id, {"expand": ["balance_transaction"]})
            return facts.transfer(plain(row))

    def transfers_of(self, payout_id: str) -> list[TransferSeen]:
        with translated("listing transfers"):
            found = self._client.v1.transfers.list(
                {"transfer_group": payout_id, "limit": PAGE_ROWS, "expand": ["data.balance_transaction"]}
            )
            return [facts.transfer(plain(row)) for row in found.auto_paging_iter()]

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
            return facts.reversal(plain(made))

    def reversals_of(self, transfer_id: str) -> list[ReversalSeen]:
        with translated("listing reversals"):
            found = self._client.v1.transfers.reversals.list(
                transfer_id, {"limit": PAGE_ROWS, "expand": ["data.balance_transaction"]}
            )
            return [facts.reversal(plain(row)) for row in found.auto_paging_iter()]

    def payout_seen(self, provider_id: str, account_id: str | None) -> PayoutSeen:
        with translated("reading a payout"):
            expand = ["balance_transaction", "failure_balance_transaction"]
            whose: Any = {"stripe_account": account_id} if account_id else {}
            row = plain(self._client.v1.payouts.retrieve(provider_id, {"expand": expand}, whose))
            return facts.payout(row, account_id)
