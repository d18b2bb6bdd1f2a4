"""Which pages are worth a look, and after which step of the journey: name, person, address.

``{order}`` and the like are the stage's references; ``first:/bills/@/orders/…`` is the first such link on that page.
"""

from __future__ import annotations

# Pages that stand from the start: the demo market's people see them. None: nobody is signed in.
STANDING = (
    ("home", None, "/"),
    ("item", None, "first:/items/@/"),
    ("category", None, "first:/categories/@/"),
    ("search-empty", None, "/search?q=nothing+like+this"),
    ("merchant-page", None, "first:/merchants/@first:/items/@/"),
    ("circle", "shopper", "first:/circles/CIR@/circles"),
    ("circle-check", None, "first:/circles/threads/@first:/circles/CIR@/circles"),
    ("sign-in", None, "/sign-in"),
    ("sign-up", None, "/sign-up"),
    ("how-it-works", None, "/how-it-works"),
    ("protection", None, "/protection"),
    ("fees", None, "/fees"),
    ("log", None, "/log"),
    ("privacy", None, "/privacy"),
    ("mailbox", None, "/sandbox/mailbox"),
    ("design", None, "/design"),
    ("orders", "shopper", "/orders"),
    ("parcels", "shopper", "/parcels"),
    ("sourcing", "shopper", "/sourcing"),
    ("account", "shopper", "/account"),
    ("notices", "shopper", "/account/notices"),
    ("merchant", "merchant", "/merchant"),
    ("merchant-listings", "merchant", "/merchant/listings"),
    ("merchant-listing", "merchant", "first:/merchant/listings/LST@/merchant/listings"),
    ("merchant-orders", "merchant", "/merchant/orders"),
    ("merchant-sourcing", "merchant", "/merchant/sourcing"),
    ("merchant-payouts", "merchant", "/merchant/payouts"),
    ("arrivals", "inspector", "/warehouse/arrivals"),
    ("inspections", "inspector", "/warehouse/inspections"),
    ("packing", "inspector", "/warehouse/packing"),
    ("warehouse-returns", "inspector", "/warehouse/returns"),
    ("officer", "officer", "/officer"),
    ("applications", "officer", "/officer/applications"),
    ("audit", "officer", "/officer/audit"),
    ("exports", "officer", "/officer/exports"),
    ("books", "officer", "/officer/books"),
    ("staff", "admin", "/officer/staff"),
    ("support", "support", "/support/returns"),
)
REFUSED = (
    ("403", "shopper", "/officer/audit", 403),
    ("404", None, "/items/LST-0000000000", 404),
)
# The words of a step of the journey -> what is looked at when it is done, as one of the journey's own people.
SCENES: dict[str, tuple[tuple[str, str | None, str], ...]] = {
    "applies, step by step": (("application-papers", "merchant", "/merchant/apply"),),
    "submits the application": (("application-status", "merchant", "/merchant/apply"),),
    "finds the application": (("application-review", "officer", "/officer/applications/{application}"),),
    "looks at each paper": (("application-checked", "officer", "/officer/applications/{application}"),),
    "drafts a listing": (("listing-draft", "merchant", "/merchant/listings/{listing}/edit"),),
    "adds five photos": (("listing-live", "merchant", "/merchant/listings/{listing}/edit"),),
    "opens an account, and so does a stranger": (
        ("orders-empty", "shopper", "/orders"),
        ("parcels-empty", "shopper", "/parcels"),
        ("cart-empty", "shopper", "/cart"),
        ("sourcing-empty", "shopper", "/sourcing"),
        ("notices-empty", "shopper", "/account/notices"),
        ("merchant-orders-empty", "merchant", "/merchant/orders"),
    ),
    "the cart becomes": (("cart", "shopper", "/cart"), ("quote", "shopper", "/quotes/{quote}")),
    "the bill is due": (
        ("order-due", "shopper", "/orders/{order}"),
        ("bill", "shopper", "first:/bills/@/orders/{order}"),
    ),
    "the money is held": (
        ("order-paid", "shopper", "/orders/{order}"),
        ("merchant-order", "merchant", "/merchant/orders/{item}"),
        ("merchant-home", "merchant", "/merchant"),
    ),
    "as a sourcing request": (
        ("sourcing-asked", "shopper", "/sourcing/{wish}"),
        ("merchant-request", "merchant", "/merchant/sourcing/{wish}"),
    ),
    "answers with an itemised price": (("sourcing-answered", "shopper", "/sourcing/{wish}"),),
    "records the purchase of the second": (
        ("order-purchased", "shopper", "/orders/{order}"),
        ("arrival", "inspector", "/warehouse/arrivals/{item}"),
        ("merchant-order-purchased", "merchant", "/merchant/orders/{item}"),
    ),
    "receives the item": (("inspection", "inspector", "/warehouse/inspections/{item}"),),
    "looks at the second item": (
        ("order-inspected", "shopper", "/orders/{order}"),
        ("report", "shopper", "/orders/items/{item}/report"),
        ("report-differs", "shopper", "/orders/items/{second item}/report"),
    ),
    "passport is public": (
        ("passport", "shopper", "first:/passport/@/orders/items/{item}/report"),
        ("parcel-new", "shopper", "/parcels/new"),
        ("address-new", "shopper", "/addresses/new"),
    ),
    "builds a parcel": (("parcel-draft", "shopper", "/parcels/{parcel}"),),
    "pays the freight": (("parcel-paid", "shopper", "/parcels/{parcel}"),),
    "the warehouse packs": (("packing-matter", "inspector", "/warehouse/packing/{parcel}"),),
    "the label is bought": (
        ("parcel-shipped", "shopper", "/parcels/{parcel}"),
        ("order-shipped", "shopper", "/orders/{order}"),
        ("return-form", "shopper", "/orders/items/{second item}/return"),
    ),
    "opens a return": (("return-case", "shopper", "/returns/{return}"),),
    "goes back the way it came": (
        ("return-refunded", "shopper", "/returns/{return}"),
        ("order-returned", "shopper", "/orders/{second order}"),
        ("support-case", "support", "/support/returns/{return}"),
        ("parcel-on-its-way", "shopper", "/parcels/{parcel}"),
    ),
    "page shows them to delivery": (
        ("parcel-delivered", "shopper", "/parcels/{parcel}"),
        ("order-delivered", "shopper", "/orders/{order}"),
    ),
    "is paid over the payout rail": (
        ("parcel-completed", "shopper", "/parcels/{parcel}"),
        ("order-completed", "shopper", "/orders/{order}"),
        ("orders-full", "shopper", "/orders"),
        ("notices-full", "shopper", "/account/notices"),
        ("payouts-full", "merchant", "/merchant/payouts"),
        ("passport-full", "shopper", "first:/passport/@/orders/items/{item}/report"),
    ),
    "whole life of the order": (
        ("audit-thing", "officer", "/officer/audit/things/{order}"),
        ("audit-full", "officer", "/officer/audit"),
    ),
    "`daigou audit verify`": (("export-ready", "officer", "/officer/exports/{export}"),),
}
