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
        (lazy("Messages"), "account.conversations", "conversation.use"),
    )),
    ("visitor", (
        (lazy("Discover"), "public.home", "public.view"),
        (lazy("How it works"), "public.how_it_works", "public.view"),
        (lazy("How you are protected"), "public.protection", "public.view"),
        (lazy("Fees"), "public.fees", "public.view"),
    )),
    ("merchant", (
        (lazy("To do"), "merchant.dashboard", "merchant.work"),
        (lazy("Listings"), "merchant.listings", "listing.manage"),
        (lazy("Sourcing requests"), "merchant.sourcing", "sourcing.quote"),
        (lazy("Sales"), "merchant.orders", "merchant.work"),
        (lazy("Messages"), "account.conversations", "conversation.use"),
        (lazy("Reviews"), "merchant.reviews", "review.read"),
        (lazy("Payouts"), "merchant.payouts", "payout.onboard"),
        (lazy("Qualification"), "merchant.qualification", "merchant.work"),
        (lazy("People"), "merchant.members", "member.manage"),
    )),
    ("inspector", (
        (lazy("Arrivals"), "warehouse.arrivals", "warehouse.work"),
        (lazy("Inspections"), "warehouse.inspections", "warehouse.work"),
        (lazy("Packing"), "warehouse.packing", "warehouse.work"),
        (lazy("Returns"), "warehouse.returns", "return.receive"),
    )),
    ("support", (
        (lazy("Messages"), "account.conversations", "conversation.use"),
        (lazy("Returns"), "support.returns", "support.work"),
        (lazy("Repairs"), "support.repairs", "warranty.handle"),
    )),
)

# The office has more pages than a bar holds: its bar has sections, and a second bar their pages.
SECTIONS = (
    (lazy("To do"), (
        (lazy("To do"), "officer.home", "officer.work"),
        (lazy("Approvals"), "officer.proposals", "proposal.view"),
    )),
    (lazy("Merchants"), (
        (lazy("Applications"), "officer.applications", "application.review"),
        (lazy("Merchants"), "officer.merchants", "merchant.suspend"),
        (lazy("Identities"), "officer.identities", "identity.review"),
        (lazy("Sellers’ figures"), "officer.seller_figures", "dac7.fetch"),
        (lazy("Your interests"), "officer.interests", "interest.declare"),
    )),
    (lazy("Cases"), (
        (lazy("Messages"), "account.conversations", "conversation.use"),
        (lazy("Returns"), "support.returns", "support.work"),
        (lazy("Repairs"), "support.repairs", "warranty.handle"),
        (lazy("Guarantees"), "officer.warranty", "warranty.partner"),
        (lazy("Disputes"), "officer.disputes", "dispute.view"),
        (lazy("Parcels not delivered"), "officer.wrecks", "parcel.settle"),
        (lazy("Suspicions"), "officer.risks", "risk.view"),
        (lazy("Payment habits"), "officer.habits", "habit.view"),
        (lazy("Reports"), "officer.suspicions", "suspicion.report"),
        (lazy("Announcements"), "officer.announcements", "announcement.post"),
        (lazy("Screening"), "officer.screening", "screening.view"),
    )),
    (lazy("Money"), (
        (lazy("Books"), "officer.books", "books.view"),
        (lazy("Reconciliation"), "officer.reconciliation", "books.view"),
        (lazy("Held money"), "officer.held", "books.view"),
        (lazy("Payouts"), "officer.payouts", "payout.file"),
        (lazy("Settlement"), "officer.settlement", "books.view"),
        (lazy("Reserve"), "officer.reserve", "books.view"),
        (lazy("Exposure"), "officer.exposure", "exposure.view"),
        (lazy("Payments"), "officer.payments", "books.view"),
        (lazy("Journal"), "officer.journal", "books.view"),
        (lazy("Exchange rates"), "officer.rates", "rate.view"),
        (lazy("Tariff"), "officer.fees", "fee.view"),
    )),
    (lazy("Evidence"), (
        (lazy("Audit trail"), "officer.audit", "audit.view"),
        (lazy("Searches and alerts"), "officer.searches", "audit.view"),
        (lazy("Exports"), "officer.exports", "audit.export"),
        (lazy("Legal packs"), "officer.packs", "pack.ask"),
        (lazy("Audits"), "officer.audits", "oversight.view"),
        (lazy("Findings"), "officer.findings", "oversight.view"),
        (lazy("Law changes"), "officer.laws", "oversight.view"),
        (lazy("Scans"), "officer.scans", "oversight.view"),
    )),
    (lazy("Privacy"), (
        (lazy("Register"), "officer.privacy", "privacy.view"),
        (lazy("People’s requests"), "officer.privacy_requests", "privacy.view"),
        (lazy("Leaks"), "officer.breaches", "privacy.view"),
        (lazy("Authorities"), "officer.regulators", "privacy.view"),
    )),
    (lazy("Administration"), (
        (lazy("Staff"), "officer.staff", "staff.manage"),
        (lazy("Work given up"), "officer.given_up", "work.resume"),
    )),
)
OFFICE = frozenset({"officer", "admin"})
FRONTS = frozenset({"officer.home", "merchant.dashboard", "account.settings"})  # their address begins many others
# fmt: on

Link = tuple[str, str, bool]  # label, address, is it this page


@cache
def address(endpoint: str) -> str:
    """Where a page without parameters is: always the same, and asked for a dozen times a page."""
    return url_for(endpoint)


def for_actor(actor: Actor | None) -> list[Link]:
    """What this actor may open; for the office, its sections; for a merchant, the side of the counter they are on."""
    who = actor or ANONYMOUS
    if "merchant" in who.roles:
        return _across_the_counter(who)
    links: dict[str, Link] = {}
    for role, entries in ENTRIES:
        if role in who.roles or (role == "visitor" and not who.roles):
            for label, endpoint in _open_to(who, entries):
                links.setdefault(endpoint, _link(label, endpoint))
    return [*links.values(), *(_section_link(*section) for section in _sections(who))]


def _across_the_counter(who: Actor) -> list[Link]:
    """A merchant sells and buys: each side has its own bar, and a way to the other one."""
    selling = request.path == "/merchant" or request.path.startswith("/merchant/")
    bars = dict(ENTRIES)
    shown = [_link(*entry) for entry in _open_to(who, bars["merchant" if selling else "shopper"])]
    other = (lazy("The shop"), "public.home") if selling else (lazy("Your shop"), "merchant.dashboard")
    return [*shown, _link(*other)]


def _link(label: object, endpoint: str) -> Link:
    return str(label), address(endpoint), _is_within(endpoint)


def of_section(actor: Actor | None) -> list[Link]:
    """The pages of the section that this page belongs to; none where it has no second one."""
    if is_yours():
        return [_link(label, endpoint) for label, endpoint in _of_account(actor)]
    for _label, entries in _sections(actor or ANONYMOUS):
        if _holds(entries) and len(entries) > 1:
            return [_link(label, endpoint) for label, endpoint in entries]
    return []


def is_yours() -> bool:
    """Whether this is a page of one's own account."""
    return any(_is_within(endpoint) for endpoint in YOURS if endpoint in current_app.view_functions)


def _sections(who: Actor) -> list[tuple[object, list[tuple[object, str]]]]:
    """Label and pages of each section of the office that this actor may open."""
    if not who.roles & OFFICE:
        return []
    found = [(label, _open_to(who, entries)) for label, entries in SECTIONS]
    return [(label, entries) for label, entries in found if entries]


def _open_to(who: Actor, entries: Iterable[tuple[object, str, str]]) -> list[tuple[object, str]]:
    known = current_app.view_functions
    return [(label, endpoint) for label, endpoint, permission in entries if endpoint in known and can(who, permission)]


def _section_link(label: object, entries: list[tuple[object, str]]) -> Link:
    return str(label), address(entries[0][1]), _holds(entries)


def _holds(entries: Iterable[tuple[object, str]]) -> bool:
    return any(_is_within(endpoint) for _label, endpoint in entries)


def _is_within(endpoint: str) -> bool:
    """Whether this page is that one, or lies under it: an application under the applications."""
    where = address(endpoint)
    return request.path == where or (endpoint not in FRONTS and request.path.startswith(f"{where}/"))


ACCOUNT = (
    (lazy("Account"), "account.settings"),
    (lazy("Security"), "account.security"),
    (lazy("Identity"), "account.identity"),
    (lazy("Notices"), "account.notices"),
    (lazy("Addresses"), "shopper.addresses"),
    (lazy("Your privacy"), "account.privacy"),
    (lazy("Balance"), "shopper.balance"),
    (lazy("Invoices"), "account.invoices"),
    (lazy("Sell with us"), "merchant.apply"),
)
FOOTER = (
    (lazy("Help"), "public.help_pages"),
    (lazy("Safety centre"), "public.safety"),
    (lazy("How it works"), "public.how_it_works"),
    (lazy("How you are protected"), "public.protection"),
    (lazy("Fees"), "public.fees"),
    (lazy("Public log"), "public.log_page"),
    (lazy("Terms of use"), "public.terms"),
    (lazy("Privacy"), "public.privacy"),
)


# A shop that applies sees its own steps only.
YOURS = tuple(endpoint for _label, endpoint in ACCOUNT if endpoint != "merchant.apply")


def account_links(actor: Actor | None) -> list[tuple[str, str]]:
    """One's own pages; addresses are a shopper's, and staff have nothing to sell."""
    return [(str(label), address(endpoint)) for label, endpoint in _of_account(actor)]


def _of_account(actor: Actor | None) -> list[tuple[object, str]]:
    if actor is None or not actor.is_signed_in:
        return []
    theirs = {"account.identity", "account.invoices", "shopper.addresses", "shopper.balance", "merchant.apply"}
    hidden = set() if "shopper" in actor.roles else theirs
    return [row for row in ACCOUNT if row[1] not in hidden and row[1] in current_app.view_functions]


def footer_links() -> list[tuple[str, str]]:
    return [(str(label), address(endpoint)) for label, endpoint in FOOTER if endpoint in current_app.view_functions]


def cart_address(actor: Actor | None) -> str:
    """Staff have no cart."""
    shopping = actor is None or not actor.is_signed_in or "shopper" in actor.roles
    return address("shopper.cart") if shopping and "shopper.cart" in current_app.view_functions else ""
