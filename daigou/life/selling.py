"""What a merchant does besides buying in: get paid, answer requests."""

from __future__ import annotations

from datetime import timedelta

from daigou.core import clock

from .company import Company


def set_up_payouts(company: Company, shop: str, account: str, bic: str) -> None:
    merchant = company[shop].open("/merchant/payouts")
    if merchant.has_form(r"/payouts/onboard$"):
        merchant.send(r"/payouts/onboard$")
        merchant.send(r"/connect/onboarding/", {"outcome": "complete"})
        return
    page = "/merchant/payouts/bank"
    merchant.open(page).send(rf"{page}$", {"holder": "Demo account of nobody", "account": account, "bic": bic})
    if merchant.page.css_first("input[name=proof]"):  # long after the sign-in: who is it?
        merchant.send(rf"{page}$", {"proof": company.password(shop)})


def camera_offer() -> dict[str, str]:
    """A merchant's itemised answer to a request, in yen."""
    return {
        "category": "stationery",
        "origin": "JP",
        "hs_code": "900659",
        "price": "42000",
        "domestic_freight": "900",
        "weight_g": "780",
        "length_mm": "180",
        "width_mm": "120",
        "height_mm": "110",
        "answer": "One is in the window, shutter checked last week, with its box and strap.",
        "valid_until": (clock.today() + timedelta(days=6)).isoformat(),
    }
