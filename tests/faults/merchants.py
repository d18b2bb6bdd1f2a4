"""A merchant of its own, for what happens to one merchant's account, payouts and what is taken back of them."""

from __future__ import annotations

import httpx

from daigou.core.access import system
from daigou.core.db import find
from daigou.payments.payouts import compensating
from daigou.payments.payouts.models import Payout, PayoutAccount, Recourse
from daigou.payments.refunds.models import Refund
from tests import factories

from .people import csrf
from .rows import fresh

SYSTEM = system("test")


class Seller:
    def __init__(self, shop) -> None:
        self.shop = shop
        self.merchant, self.owner = factories.merchant()
        self.browser = shop.browser(self.owner)

    # ---- its account at the provider

    def account(self) -> PayoutAccount | None:
        return fresh(PayoutAccount, merchant_id=self.merchant.id)

    def open_account(self) -> str:
        """The address of the provider's page, clicked for until it comes."""
        answer = self.shop.clicks("open a payout account", self.click)
        assert answer.status_code == 303, answer.text[:500]
        return answer.headers["location"]

    def click(self) -> httpx.Response:
        token = {"csrf_token": csrf(self.browser, "/merchant/payouts")}
        address = f"{self.shop.whole.base_url}/merchant/payouts/onboard"
        return self.browser.client.post(address, data=token, follow_redirects=False)

    def tell_all(self, page: str) -> None:
        """Everything that the provider wants to know."""
        self.shop.clicks("tell the provider", lambda: httpx.post(page, data={"outcome": "complete"}))
        self.shop.until("it can be paid", lambda: self.account().is_("enabled"))

    def ready(self) -> Seller:
        self.tell_all(self.open_account())
        return self

    def keep_at_the_provider(self) -> None:
        """Its money stays on its account there, so that a transfer can be taken back."""
        by_hand = {"settings[payouts][schedule][interval]": "manual"}
        self.shop.provider.post(f"/v1/accounts/{self.account().provider_id}", data=by_hand).raise_for_status()

    # ---- what it sells

    def sold(self):
        """An order of its goods, paid for and at the shopper's door."""
        return self.shop.order(merchant=self.merchant).paid().deliver()

    def transfer(self) -> str:
        return fresh(Payout, merchant_id=self.merchant.id).provider_id


def compensate(life) -> None:
    """All of a released item, once."""
    item = life.row()
    if find(Refund, item_id=item.id) is None:
        compensating.compensate(SYSTEM, item, item.total, "goodwill")


def is_taken_back(life) -> bool:
    return fresh(Recourse, item_id=life.row().id).state == "settled"
