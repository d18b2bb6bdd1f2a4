"""What merchants and the warehouse do with an item that is paid."""

from __future__ import annotations

from daigou.core import clock
from daigou.journey.browser import Browser
from daigou.journey.papers import photos, receipt
from daigou.journey.story import wait_until

BOXES = {
    "figure": {"weight_g": "860", "length_mm": "300", "width_mm": "200", "height_mm": "180"},
    "fountain-pen": {"weight_g": "140", "length_mm": "180", "width_mm": "60", "height_mm": "40"},
}


def purchase(merchant: Browser, item: str, paid: str) -> None:
    """Bought in the shop, sent to us; ``paid`` in the merchant's currency."""
    deed = {
        "supplier": "Nipponbashi counter",
        "paid": paid,
        "purchased_on": clock.today().isoformat(),
        "inbound_tracking": f"5512-{item[-4:]}",
    }
    theirs = rf"^/merchant/orders/{item}\b"
    wait_until(f"{item} reaches its shop", lambda: merchant.open("/merchant/orders").links(theirs) != [])
    merchant.open(f"/merchant/orders/{item}")
    merchant.send(rf"/merchant/orders/{item}/purchase$", deed, {"receipt": receipt(paid)})


def receive(inspector: Browser, item: str, kind: str, shelf: str) -> None:
    inspector.open(f"/warehouse/arrivals/{item}").send(rf"/arrivals/{item}/receive$", {"bin": shelf, **BOXES[kind]})


def inspect(inspector: Browser, item: str, kind: str, seed: int, fault: str = "") -> None:
    """Every point passes; with a ``fault`` the last one does not, and that is the verdict."""
    inspector.open(f"/warehouse/inspections/{item}")
    form = inspector.form(rf"/inspections/{item}$")
    checks = [name for name in form.values if name.startswith("check-")]
    for name in checks:
        form.fill(name, "pass")
    form.fill("verdict", "non_conformant" if fault else "conformant")
    form.fill("remarks", fault)
    if fault:
        form.fill(checks[-1], "fail")
        form.fill(checks[-1].replace("check-", "note-"), fault)
    inspector.submit(form, {"photos": photos(kind, seed, 3)})


def pack(inspector: Browser, parcel: str, weight_g: str) -> None:
    page = f"/warehouse/packing/{parcel}"
    wait_until("the parcel waits for packing", lambda: inspector.open(page).has_form(r"/pack$"))
    inspector.send(rf"/packing/{parcel}/pack$", {"weight_g": weight_g})


def ship(inspector: Browser, parcel: str) -> None:
    inspector.open(f"/warehouse/packing/{parcel}").send(rf"/packing/{parcel}/ship$")
