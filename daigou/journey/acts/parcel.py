"""From the shelf to the door: parcel, duty, freight, tracking, confirmation, release."""

from __future__ import annotations

from ..stage import Stage, refused
from ..story import wait_until
from .trade import pay

ADDRESS = {
    "country": "DE",
    "name": "Mara Vogel",
    "street": "Karl-Liebknecht-Straße 8",
    "postal_code": "04107",
    "city": "Leipzig",
    "phone": "+49 341 1234567",
}


def build(stage: Stage) -> None:
    shopper = stage["shopper"]
    with stage.story.step("the shopper writes a delivery address; a wrong postal code is refused"):
        shopper.open("/addresses/new").send(r"/addresses/new$", {**ADDRESS, "postal_code": "0410"}, status=422)
        shopper.send(r"/addresses/new$", ADDRESS)
    with stage.story.step("the shopper builds a parcel of the accepted item"):
        shopper.open("/parcels/new").send(r"/parcels/new$", {"items": [stage.refs["item"]]})
        ref = stage.keep("parcel", "PCL", shopper.path)
    with stage.story.step("lines side by side, chargeable weight, insurance, duty and VAT, before anything is owed"):
        shopper.open(f"/parcels/{ref}").sees("EMS", "VAT", "€")
        refused(stage["stranger"], f"/parcels/{ref}", 404)
    with stage.story.step("the shopper submits the parcel and pays the freight"):
        shopper.send(rf"/parcels/{ref}/submit$")
        shopper.open(f"/parcels/{ref}")
        pay(shopper, "succeed")

        def paid() -> bool:
            return not shopper.open(f"/parcels/{ref}").has_form(r"/bills/[^/]+/pay$")

        wait_until("the freight is paid", paid)


def ship(stage: Stage) -> None:
    inspector, ref = stage["inspector"], stage.refs["parcel"]
    with stage.story.step("the warehouse packs the parcel"):
        page = f"/warehouse/packing/{ref}"
        wait_until("the parcel waits for packing", lambda: inspector.open(page).has_form(r"/pack$"))
        inspector.send(rf"/packing/{ref}/pack$", {"weight_g": "900"})
    with stage.story.step("the label is bought; the parcel ships with a tracking number"):
        inspector.open(f"/warehouse/packing/{ref}").send(rf"/packing/{ref}/ship$")
        shopper = stage["shopper"]

        def shipped() -> bool:
            text = shopper.open(f"/parcels/{ref}").text
            return any(word.endswith("JP") and len(word) == 13 for word in text.split())

        wait_until("a tracking number", shipped)


def follow(stage: Stage) -> None:
    shopper, ref = stage["shopper"], stage.refs["parcel"]
    with stage.story.step("tracking and customs updates arrive; the page shows them to delivery"):

        def delivered() -> bool:
            return shopper.open(f"/parcels/{ref}").has_form(rf"/parcels/{ref}/confirm$")

        wait_until("delivered", delivered)
        shopper.sees("ustoms")
    with stage.story.step("the shopper confirms; the held money is released"):
        shopper.send(rf"/parcels/{ref}/confirm$")
    with stage.story.step("the merchant is paid over the payout rail"):
        merchant = stage["merchant"]
        order = stage.refs["order"]

        def paid() -> bool:
            rows = merchant.open("/merchant/payouts").rows(order)
            return any("Paid out" in row for row in rows)

        wait_until("the release of the order is paid", paid)
