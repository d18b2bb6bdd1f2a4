"""The provider fails, before or after it did what it was asked for."""

import httpx
import pytest

LONG = {"seconds": 3}  # longer than we wait for it
TWICE = {"count": 2}  # the library asks once more by itself
KINDS = {
    "timeout_before": {**LONG, **TWICE},
    "timeout_after": {**LONG, **TWICE},
    "reset": TWICE,
    "reset_after": TWICE,
    "status_500": TWICE,
    "status_500_saved": {},
    "status_429": TWICE,
}
EVERYDAY = {("refunds", "timeout_after"), ("checkout/sessions", "status_500_saved"), ("transfers", "status_429")}


def cases(path, *kinds):
    return [pytest.param(kind, marks=[pytest.mark.everyday] if (path, kind) in EVERYDAY else []) for kind in kinds]


@pytest.mark.parametrize(
    "kind",
    cases("checkout/sessions", "timeout_before", "timeout_after", "reset_after", "status_500_saved", "status_429"),
)
def test_the_page_is_opened_when_the_provider_is_back(shop, kind):
    shop.provider_fault(kind, "/v1/checkout/sessions", **KINDS[kind])
    shop.order().paid()


@pytest.mark.parametrize("kind", cases("refunds", *KINDS))
def test_a_refund_is_made_once(shop, kind):
    life = shop.order().paid()
    shop.provider_fault(kind, "/v1/refunds", **KINDS[kind])
    life.refunded()


def test_a_refund_that_was_made_and_answered_with_a_saved_500_is_found(shop):
    life = shop.order().paid()
    shop.provider_fault("status_500_saved", "/v1/refunds", effect=True)
    life.refunded()


@pytest.mark.parametrize("kind", cases("transfers", "timeout_after", "status_500_saved", "status_429"))
def test_a_transfer_is_made_once(shop, kind):
    life = shop.order().paid().deliver()
    shop.provider_fault(kind, "/v1/transfers", **KINDS[kind])
    life.released()


@pytest.mark.parametrize("point", ["refund.after_effect", "release.after_effect"])
def test_a_key_that_was_forgotten_makes_no_second_one(shop, point):
    """The answer got lost with its process, and a day later the provider no longer knows the key."""
    refund = point.startswith("refund")
    life = shop.order().paid() if refund else shop.order().paid().deliver()
    shop.arm(point)
    life.not_bought() if refund else life.confirm()
    shop.until("the process is dead", lambda: shop.struck(point))
    pruned = httpx.post(f"{shop.sandbox}/controls/idempotency/prune", data={}).json()
    assert pruned["pruned"]
    shop.tried["provider: keys pruned"] += 1
    shop.until("the money has moved", life.is_refunded if refund else life.is_released)
