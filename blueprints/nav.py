"""The navigation of each audience, as data: label, endpoint, permission."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from flask import current_app, request, url_for

from daigou.core.access import ANONYMOUS, Actor, can
from daigou.core.i18n import lazy

# fmt: off
ENTRIES = (
    ("shopper", (
        (lazy("Discover"), "public.home", "public.view"),
        (lazy("Request an item"), "shopper.sourcing", "sourcing.ask"),
        (lazy("Orders"), "shopper.orders", "order.place"),
        (lazy("Parcels"), "shopper.parcels", "parcel.build"),
    )),
    ("merchant", (
        (lazy("To do"), "merchant.dashboard", "merchant.work"),
        (lazy("Listings"), "merchant.listings", "listing.manage"),
        (lazy("Sourcing requests"), "merchant.sourcing", "sourcing.quote"),
        (lazy("Sales"), "merchant.orders", "merchant.work"),
        (lazy("Payouts"), "merchant.payouts", "payout.onboard"),
        (lazy("People"), "merchant.members", "member.manage"),
    )),
    ("inspector", (
        (lazy("Arrivals"), "warehouse.arrivals", "warehouse.work"),
        (lazy("Inspections"), "warehouse.inspections", "warehouse.work"),
        (lazy("Packing"), "warehouse.packing", "warehouse.work"),
        (lazy("Returns"), "warehouse.returns", "return.receive"),
    )),
    ("support", (
        (lazy("Returns"), "support.returns", "support.work"),
    )),
    ("officer", (
        (lazy("To do"), "officer.home", "officer.work"),
        (lazy("Applications"), "officer.applications", "application.review"),
        (lazy("Returns"), "support.returns", "support.work"),
        (lazy("Audit trail"), "officer.audit", "audit.view"),
        (lazy("Exports"), "officer.exports", "audit.export"),
        (lazy("Books"), "officer.books", "books.view"),
    )),
    ("admin", (
        (lazy("Staff"), "officer.staff", "staff.manage"),
        (lazy("Books"), "officer.books", "books.view"),
    )),
)
# fmt: on


@cache
def address(endpoint: str) -> str:
    """Where a page without parameters is: always the same, and asked for a dozen times a page."""
    return url_for(endpoint)


def for_actor(actor: Actor | None) -> list[tuple[str, str, bool]]:
    """(label, address, is it this page) of what this actor may open."""
    who = actor or ANONYMOUS
    known = current_app.view_functions
    links: dict[str, tuple[str, str, bool]] = {}
    for role, entries in ENTRIES:
        if role not in who.roles and not (role == "shopper" and not who.roles):
            continue
        for label, endpoint, permission in entries:
            if endpoint in known and can(who, permission):
                links.setdefault(endpoint, (str(label), address(endpoint), request.endpoint == endpoint))
    return list(links.values())


ACCOUNT = (
    (lazy("Account"), "account.settings"),
    (lazy("Security"), "account.security"),
    (lazy("Notices"), "account.notices"),
    (lazy("Addresses"), "shopper.addresses"),
    (lazy("Sell with us"), "merchant.apply"),
)
FOOTER = (
    (lazy("How it works"), "public.how_it_works"),
    (lazy("How you are protected"), "public.protection"),
    (lazy("Fees"), "public.fees"),
    (lazy("Public log"), "public.log_page"),
    (lazy("Privacy"), "public.privacy"),
)


def account_links(actor: Actor | None) -> list[tuple[str, str]]:
    """One's own pages; addresses are a shopper's, and staff have nothing to sell."""
    if actor is None or not actor.is_signed_in:
        return []
    hidden = set() if "shopper" in actor.roles else {"shopper.addresses", "merchant.apply"}
    return _known(row for row in ACCOUNT if row[1] not in hidden)


def footer_links() -> list[tuple[str, str]]:
    return _known(FOOTER)


def cart_address(actor: Actor | None) -> str:
    """Staff have no cart."""
    shopping = actor is None or not actor.is_signed_in or "shopper" in actor.roles
    return address("shopper.cart") if shopping and "shopper.cart" in current_app.view_functions else ""


def _known(rows: Iterable[tuple[object, str]]) -> list[tuple[str, str]]:
    return [(str(label), address(endpoint)) for label, endpoint in rows if endpoint in current_app.view_functions]
