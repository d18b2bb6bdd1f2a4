"""The provider fails, before or after it did what it was asked for: at each call of a life, in each way there is.

All ways at once, each in a life of its own. In the end every fault was met, everybody has what they wanted, and (as
after every test here) nothing has happened twice.
"""

import httpx
import pytest

from daigou.payments.payouts.models import ProviderPayout

from .banks import Case
from .merchants import Seller, compensate, is_taken_back
from .parcels import Sending
from .points import FAMILIES
from .rows import fresh

LONG = {"seconds": 3}  # longer than we wait for it
TWICE = {"count": 2}  # the library asks once more by itself
WAYS = {
    "timeout_before": {**LONG, **TWICE},
    "timeout_after": {**LONG, **TWICE},
    "reset": TWICE,
    "reset_after": TWICE,
    "status_500": TWICE,
    "status_429": TWICE,
}
# A failure that the key remembers, whether or not it did what it was asked for.
SAVED = {"saved": {"kind": "status_500_saved"}, "done_and_saved": {"kind": "status_500_saved", "effect": True}}


class Failing:
    """One way in which the provider fails, at one call after the other."""

    def __init__(self, shop, way: str) -> None:
        self.shop, self.way, self.asked = shop, way, set()

    def __call__(self, path: str, holds: str = "", method: str = "POST", keyed: bool = True) -> None:
        """The next such call. EasyPost and what only reads have no keys; EasyPost's library does not ask again."""
        if self.way in SAVED and not keyed:
            return
        how = {**WAYS, **SAVED}[self.way]
        if path.startswith("/v2/"):
            how = {**how, "count": 1}
        self.asked.add(self.shop.provider.fault(path=path, holds=holds, method=method, **{"kind": self.way, **how}))

    def reading(self, path: str, holds: str = "") -> None:
        self(path, holds, "GET", keyed=False)

    def were_met(self) -> None:
        self.shop.until("every fault is met", lambda: not self.asked & self.shop.provider.left().keys())


def paying(shop, fails) -> None:
    life = shop.order().place()
    fails("/v1/checkout/sessions", holds=life.bill)
    page = life.to_the_page()
    fails.reading("/v1/checkout/sessions/*", holds=page.rsplit("/", 1)[-1])
    life.pay()
    shop.until(f"{life.item} is paid", life.is_paid)


def paying_by_transfer_after_a_refusal(shop, fails) -> None:
    """A try that did not go through is read from its event, and the payment itself beside it."""
    life = shop.order().place()
    life.pay("decline")
    fails.reading("/v1/payment_intents/*")
    life.pay()
    shop.until(f"{life.item} is paid", life.is_paid)


def refunding(shop, fails) -> None:
    life = shop.order().paid()
    fails("/v1/refunds", holds=shop.ask(lambda: life.attempt("payment_intent_id")))
    life.refunded()


def paying_out(shop, fails) -> None:
    """From the opening of an account to what a refund takes back of its transfer."""
    seller = Seller(shop)
    fails("/v1/accounts", holds=seller.merchant.ref)
    page = seller.open_account()
    account = shop.ask(seller.account).provider_id
    fails("/v1/account_links", holds=account, keyed=False)
    page = seller.open_account()
    fails.reading(f"/v1/accounts/{account}")
    seller.tell_all(page)
    seller.keep_at_the_provider()
    life = seller.sold()
    fails("/v1/transfers", holds=account)
    life.released()
    fails(f"/v1/transfers/{shop.ask(seller.transfer)}/reversals")
    shop.ask(lambda: compensate(life))
    shop.until("it is refunded", life.is_refunded)
    shop.until("the transfer is back", lambda: is_taken_back(life))


def paying_out_to_a_bank(shop, fails) -> None:
    seller = Seller(shop).ready()
    fails.reading("/v1/payouts/*", holds="")
    seller.sold().released()
    shop.until("its bank has it", lambda: fresh(ProviderPayout, merchant_id=seller.merchant.id, state="paid"))


def answering_a_bank(shop, fails) -> None:
    case = Case(shop.order().paid())
    fails.reading("/v1/disputes/*")
    case.open().assembled()
    number = shop.ask(case.row).provider_id
    fails("/v1/files")
    fails(f"/v1/disputes/{number}")
    shop.ask(case.answer)
    shop.until("the bank has the answer", case.is_answered)
    shop.ask(lambda: case.decide("won"))
    shop.until("it is booked", case.is_booked)


def giving_in_to_a_bank(shop, fails) -> None:
    case = Case(shop.order().paid()).open().assembled()
    fails(f"/v1/disputes/{shop.ask(case.row).provider_id}/close")
    shop.ask(case.accept)
    shop.until("it is booked", case.is_booked)


def sending(shop, fails) -> None:
    """EasyPost: rates, postage, label and tracker."""
    parcel = Sending(shop.order().paid()).to_the_shelf().packed()
    fails.reading("/v2/shipments", holds="purchased")
    fails("/v2/shipments", holds=parcel.ref, keyed=False)
    fails("/v2/shipments/*/buy", keyed=False)
    parcel.ask()
    shop.until(f"{parcel.ref} is sent", parcel.is_sent)
    fails.reading("/v2/trackers/*", holds=shop.ask(parcel.row).tracker_id)
    shop.provider.post(f"/controls/trackers/{shop.ask(parcel.row).tracking_code}", data={"outcome": "deliver"})
    shop.until("it has arrived", lambda: parcel.row().is_("delivered"))


UNKEYED = (paying_by_transfer_after_a_refusal, paying_out_to_a_bank, sending)
LIVES = (
    pytest.param(refunding, marks=pytest.mark.everyday),
    paying,
    paying_by_transfer_after_a_refusal,
    paying_out,
    paying_out_to_a_bank,
    answering_a_bank,
    giving_in_to_a_bank,
    sending,
)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_what_fails_at_the_provider_is_made_up_for_and_never_happens_twice(shop, life):
    fails = [Failing(shop, way) for way in (WAYS if life in UNKEYED else {**WAYS, **SAVED})]
    shop.all_of([lambda one=one: life(shop, one) for one in fails])
    for one in fails:
        one.were_met()


def test_a_key_that_was_forgotten_makes_no_second_one(shop):
    """The answers got lost with their processes, and a day later the provider no longer knows the keys."""
    deaths = [f"{name}.after_effect" for name in ("refund", "release", "recourse", "dispute", "onboard", "pay")]
    assert set(deaths) == {p for points in FAMILIES.values() for p in points if p.endswith(".after_effect")} - {
        "export.after_effect", "erasure.after_effect", "webhook.after_effect", "ship.after_effect",  # no keys
    }  # fmt: skip
    seller, newcomer = Seller(shop).ready(), Seller(shop)
    seller.keep_at_the_provider()
    back, on, taken = shop.order().paid(), seller.sold(), seller.sold().released()
    case, unpaid = Case(shop.order().paid()).open().assembled(), shop.order().place()
    shop.points.arm(*deaths)
    back.not_bought()
    on.confirm()
    shop.ask(lambda: compensate(taken))
    shop.ask(case.answer)
    for click in (newcomer.click, unpaid.click_to_pay):
        shop.until("the web answers", shop.web_answers)
        with pytest.raises(httpx.HTTPError):
            click()
    shop.until("all processes are dead", lambda: not shop.points.missed(*deaths))
    shop.provider.forget_keys()
    newcomer.ready()
    unpaid.pay()
    for what, check in {
        "refunded": back.is_refunded,
        "released": on.is_released,
        "taken back": lambda: is_taken_back(taken),
        "answered": case.is_answered,
        "paid": unpaid.is_paid,
    }.items():
        shop.until(f"it is {what}", check)
    accounts = shop.provider.get("/v1/accounts", params={"limit": 100}).json()["data"]
    ours = [row for row in accounts if row["metadata"].get("merchant_ref") == newcomer.merchant.ref]
    assert len(ours) == 1
