"""One small world with every thing that a form can be about, and the forms themselves as a table."""

import secrets
from datetime import timedelta
from types import SimpleNamespace

import pyotp
from sqlalchemy import select

from compliance.audit import door, proposals
from compliance.audit.searching import Facets
from compliance.identity import tiers
from compliance.identity.models import IdentityCheck
from compliance.screening import service as screening
from compliance.screening.finding import Facts
from compliance.screening.models import Party, Use
from daigou.accounts import codes, letters, members, passwords, tokens
from daigou.accounts.external.models import ExternalIdentity
from daigou.accounts.factors import service as factors
from daigou.accounts.factors.models import Certificate, Passkey, Totp
from daigou.accounts.joining import open_account
from daigou.accounts.models import Member
from daigou.accounts.sessions import service as sessions
from daigou.accounts.sessions.rules import Visit
from daigou.aftersales import service as aftersales
from daigou.casework import searches
from daigou.core import clock, ids, outbox
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.disputes.models import Dispute
from daigou.ledger.models import Transaction
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order, OrderItem
from daigou.payments import service as payments
from daigou.payments.escrow.models import Release
from daigou.payments.paying import links
from daigou.payments.paying.models import Attempt
from daigou.payments.payouts import recourse
from daigou.payments.payouts.banking import details
from daigou.payments.payouts.banking.models import BankEntry, BankReport
from daigou.payments.payouts.models import Payout, ProviderPayout
from daigou.payments.refunds import refunding, ways
from daigou.payments.refunds.models import Refund
from daigou.reconciliation.models import Finding, ReconciliationRun
from daigou.shipping import service as shipping
from daigou.sourcing import service as sourcing
from tests import factories
from tests.accounts.people import PASSWORD
from tests.compliance.identity.conftest import send_photos
from tests.compliance.qualification import people
from tests.warehouse import bench
from traceability.passport import service as passports

from . import circles, guarantees, merchants, office, trust
from .form import KEPT, Form

GOODS = {"category": "figures", "origin": "JP", "hs_code": "950300"}
GOODS |= {"weight_g": "900", "length_mm": "300", "width_mm": "200", "height_mm": "200"}
LISTING = GOODS | {"title": KEPT, "description": KEPT, "brand": "Hoshino", "model": "HH-2024", "condition": "new"}
LISTING |= {"purchased_on": "", "usage": "displayed", "function": "", "accessories": "stand", "flaws": ""}
LISTING |= {"title_zh": "月之信使", "description_zh": "", "price": "18400", "domestic_freight": "800", "stock": "5"}
ANSWER = GOODS | {"price": "18400", "domestic_freight": "800", "valid_until": "=tomorrow", "answer": KEPT}
ADDRESS = {"country": "DE", "name": "Mara Vogel", "street": KEPT, "postal_code": "04107", "city": "Leipzig"}
ADDRESS |= {"region": "", "phone": "+49 341 1234567", "email": "mara@example.test", "tax_id": "", "next": ""}
PAPER = {"issuer": KEPT, "country": "JP", "number": "123", "valid_from": "2020-01-01", "valid_to": "2099-12-31"}
BUSINESS = {"kind": "company", "country": "JP", "trade_name": KEPT}
BANK = {"holder": KEPT, "country": "KR", "account": "987654321", "bic": "CZNBKRSE"}
FEE = {"kind": "service", "currency": "EUR", "percent": "5.5", "minimum": "2", "valid_from": "2099-01-01"}
FEE |= {"source": KEPT, "reason": KEPT}
REFUND_BANK = {"holder": KEPT, "account": "DE02120300000000202051", "bank": "BYLADEM1001"}
ENTRY = {"rows-0-account": "bank:EUR", "rows-0-debit": "5", "rows-0-credit": "", "reason": KEPT}
ENTRY |= {"rows-1-account": "reserve:EUR", "rows-1-debit": "", "rows-1-credit": "5"}
ITEM, LIST, PARCEL = "/orders/items/<ref>", "/merchant/listings/<ref>", "/parcels/<ref>"
APPLIED, PAPERED = "/officer/applications/<ref>", "/officer/applications/<ref>/papers/<paper_ref>"
MATCH = "/officer/screening/<ref>/<match>"
KNOWN, PHOTOS = "/officer/identities/<subject>", "/officer/identities/checks/<ref>"
SIGN_UP = {"name": KEPT, "email": "=new_email", "password": PASSWORD, "country": "DE", "language": "en"}


def of(**things):
    return {name: f"{path}.ref" for name, path in things.items()}


FORMS = (
    Form("/account", "shopper", data={"name": KEPT, "language": "en", "currency": "EUR", "time_zone": ""}, again=True),
    Form("/account/alarm/<token>", "nobody", {"token": "alarm_token"}),
    Form("/account/authenticator", "shopper", data={"code": "123456"}),
    Form("/account/authenticator/remove", "keeper", again=True),
    Form("/account/certificates", "officer"),
    Form("/account/certificates/<uuid:certificate_id>/unbind", "officer", {"uuid:certificate_id": "certificate.id"}),
    Form("/account/invitations/<ref>/accept", "invitee", of(ref="invitation"), foreign="stranger"),
    Form("/account/invitations/<ref>/decline", "invitee", of(ref="invitation"), foreign="stranger"),
    Form("/account/linked/<name>", "shopper", {"name": "provider"}, again=True),
    Form("/account/linked/<name>/remove", "keeper", {"name": "provider"}),
    Form("/account/passkeys", "shopper", data={"credential": "{}", "name": KEPT}),
    Form("/account/passkeys/<uuid:passkey_id>/remove", "keeper", {"uuid:passkey_id": "passkey.id"}),
    Form("/account/passkeys/options", "shopper", data={"for": ""}, again=True),
    Form("/account/phone", "shopper", data={"phone": "+49 151 23456789"}, again=True),
    Form("/account/phone/confirm", "shopper", data={"code": "=phone_code"}),
    Form("/account/phone/remove", "shopper", again=True),
    Form("/account/recovery-codes", "keeper", again=True),
    Form("/account/sessions/<uuid:session_id>/end", "shopper", {"uuid:session_id": "elsewhere.id"}),
    Form("/account/step-up", "shopper", data={"proof": PASSWORD, "next": "/account"}, again=True),
    Form("/account/step-up/passkey", "shopper", data={"credential": "{}", "next": "/account"}),
    Form("/account/change-password", "shopper", data={"old": PASSWORD, "new": "quiet otters fold maps"}),
    Form("/account/confirm/<token>", "nobody", {"token": "confirm_token"}),
    Form("/account/identity/advanced", "checked", again=True),
    Form("/account/identity/card", "shopper", again=True),
    Form("/account/identity/check", "shopper", data={"name": KEPT}, again=True),
    Form("/account/identity/checks/<ref>/cancel", "photographed", of(ref="photo_check"), foreign="stranger"),
    Form("/account/identity/photos", "shopper", data={"name": KEPT}, files=("document", "face"), once=True),
    Form("/account/invite/<token>", "nobody", {"token": "invite_token"}, {"name": KEPT, "password": PASSWORD}),
    Form("/account/notices/read", "shopper", again=True),
    Form("/account/password", "nobody", data={"email": "=email"}, again=True),
    Form("/account/password/<token>", "nobody", {"token": "password_token"}, {"new": "quiet otters fold maps"}),
    Form("/account/sign-out-everywhere", "shopper", again=True),
    Form("/addresses/<ref>", "shopper", of(ref="address"), ADDRESS, once=True, foreign="stranger", again=True),
    Form("/addresses/<ref>/delete", "shopper", of(ref="address"), foreign="stranger"),
    Form("/addresses/new", "shopper", data=ADDRESS, once=True, again=True),
    Form("/bills/<ref>/pay", "shopper", of(ref="bill"), foreign="stranger", again=True),
    Form("/cart/add", "shopper", data={"listing": "=listing_ref", "quantity": "1"}, once=True, again=True),
    Form("/cart/quote", "shopper", once=True, again=True),
    Form("/cart/remove", "shopper", data={"listing": "=listing_ref"}, again=True),
    Form("/cart/update", "shopper", data={"listing": "=listing_ref", "quantity": "2"}, again=True),
    Form("/merchant/invitations/<ref>/withdraw", "merchant", of(ref="invitation"), foreign="rival"),
    Form("/merchant/members", "merchant", data={"email": "=new_email", "rights": "lister"}, once=True, again=True),
    Form("/merchant/members/<subject>/remove", "merchant", {"subject": "helper.subject"}, foreign="rival"),
    Form(
        "/merchant/members/<subject>/rights", "merchant", {"subject": "helper.subject"}, {"rights": "seller"},
        foreign="rival", again=True,
    ),
    Form("/merchant/apply", "newcomer", data=BUSINESS, once=True, again=True),
    Form("/merchant/apply/<step>", "beginner", {"step": "company"}, people.COMPANY, again=True),
    Form("/merchant/apply/<step>/draft", "beginner", {"step": "place"}, people.PLACE, again=True),
    Form("/merchant/apply/business", "beginner", data=BUSINESS, again=True),
    Form("/merchant/apply/papers/<kind>", "beginner", {"kind": "paper_kind"}, PAPER, ("file",), once=True, again=True),
    Form("/merchant/apply/submit", "applicant_ready", once=True),
    Form("/merchant/apply/withdraw", "beginner"),
    Form(f"{LIST}/edit", "merchant", of(ref="listing"), LISTING | {"version": "=version"}, foreign="rival", again=True),
    Form(f"{LIST}/end", "merchant", of(ref="listing"), foreign="rival", again=True),
    Form(f"{LIST}/pause", "merchant", of(ref="listing"), foreign="rival", again=True),
    Form(f"{LIST}/photos", "merchant", of(ref="listing"), files=("photos",), foreign="rival", again=True),
    Form(f"{LIST}/photos/cover", "merchant", of(ref="listing"), {"photo": "=photo"}, foreign="rival", again=True),
    Form(
        f"{LIST}/photos/views", "merchant", of(ref="listing"), {"photo": "=photo", "view": "label"}, foreign="rival",
        again=True,
    ),
    Form(f"{LIST}/photos/remove", "merchant", of(ref="listing"), {"photo": "=photo"}, foreign="rival", again=True),
    Form(f"{LIST}/publish", "merchant", of(ref="paused"), foreign="rival", again=True),
    Form("/merchant/listings/new", "merchant", data=LISTING, once=True, again=True),
    Form("/merchant/orders/<ref>/fail", "merchant", of(ref="paid"), {"reason": "sold_out"}, foreign="rival"),
    Form(
        "/merchant/orders/<ref>/purchase", "merchant", of(ref="paid"),
        {"supplier": KEPT, "paid": "18400", "purchased_on": "=today", "inbound_tracking": "JP123", "serial": ""},
        ("receipt",), once=True, foreign="rival", again=True,
    ),
    Form(
        "/merchant/orders/<ref>/price", "merchant", of(ref="dearer"),
        {"price-goods": "20000", "price-reason": "supplier"}, once=True, foreign="rival",
    ),
    Form("/merchant/payouts/onboard", "merchant", again=True),
    Form("/merchant/payouts/bank", "rival", data=BANK),
    Form("/merchant/payouts/schedule", "merchant", data={"schedule": "weekly", "weekday": "4", "month_day": "1"}),
    Form("/merchant/sourcing/<ref>/quote", "merchant", of(ref="wish"), ANSWER, foreign="rival"),
    Form("/officer/proposals/<ref>/approve", "officer", of(ref="proposal"), {"note": KEPT}),
    Form("/officer/proposals/<ref>/decline", "officer", of(ref="proposal"), {"note": KEPT}),
    Form("/officer/proposals/<ref>/withdraw", "officer", of(ref="own_proposal")),
    Form(f"{APPLIED}/approve", "officer", of(ref="accepted"), once=True),
    Form(f"{APPLIED}/ask", "officer", of(ref="accepted"), {"reason": KEPT}),
    Form(f"{PAPERED}/accept", "officer", of(ref="taken", paper_ref="paper")),
    Form(f"{PAPERED}/refuse", "officer", of(ref="taken", paper_ref="paper"), {"reason": KEPT}),
    Form(f"{APPLIED}/reject", "officer", of(ref="accepted"), {"reason": KEPT}),
    Form(f"{APPLIED}/take", "officer", of(ref="submitted")),
    Form("/officer/disputes/<ref>/accept", "officer", of(ref="dispute"), {"reason": KEPT}),
    Form(
        "/officer/disputes/<ref>/evidence", "officer", of(ref="dispute"),
        {"product_description": KEPT, "customer_name": "Mara Vogel", "uncategorized_text": KEPT}, again=True,
    ),
    Form(
        "/officer/exports", "officer",
        data={"reason": KEPT, "locale": "en", "witness": "", "password": PASSWORD, "since": "=today", "until": "",
              "kind": "", "order_ref": "", "merchant_ref": "", "subject": ""},
        files=("witness_file",), once=True, again=True,
    ),
    Form(
        "/officer/audit/things/<ref>/people", "officer", of(ref="order"),
        {"subject": "=whose_order", "reason": KEPT}, again=True,
    ),
    Form(
        "/officer/packs", "officer", once=True, again=True,
        data={"about": "=order_ref", "reason": KEPT, "locale": "en"},
    ),
    Form(
        "/officer/searches", "officer", once=True, again=True,
        data={"name": KEPT, "query": "kind=order:paid", "threshold": "5", "minutes": "10"},
    ),
    Form("/officer/searches/<ref>/drop", "officer", of(ref="search")),
    Form("/officer/searches/alerts/seen", "officer", again=True),
    Form(
        "/officer/items/<ref>/price", "officer", of(ref="cheaper"), {"goods": "10000", "reason": "sale"}, once=True,
    ),
    Form(
        "/officer/rates", "officer",
        data={"currency": "TWD", "rate": "36.1", "day": "=today", "reason": KEPT + " at its bank"},
        once=True, again=True,
    ),
    Form("/officer/fees", "officer", data=FEE, once=True, again=True),
    Form("/officer/payouts/entries/<entry>/settle", "officer", {"entry": "bank_entry.id"}, {"note": KEPT}),
    Form(
        "/officer/payouts/file", "officer", once=True,
        data={"currency": "KRW", "execute_on": "=today", "reason": KEPT},
    ),
    Form("/officer/payouts/import", "officer", files=("file",), again=True),
    Form(f"{KNOWN}/advance", "officer", {"subject": "checked.subject"}, {"reason": KEPT}),
    Form(
        f"{KNOWN}/credit", "officer", {"subject": "checked.subject"},
        {"source": KEPT, "looked_on": "=today", "result": "clear", "expires_on": "=tomorrow"}, again=True,
    ),
    Form(f"{KNOWN}/lower", "officer", {"subject": "checked.subject"}, {"reason": KEPT}),
    Form(
        f"{PHOTOS}/accept", "officer", of(ref="photo_check"),
        {"country": "DE", "expires": "2099-12-31", "name_matches": "1"},
    ),
    Form(f"{PHOTOS}/refuse", "officer", of(ref="photo_check"), {"reason": KEPT}),
    Form("/officer/differences/<ref>/resolve", "officer", of(ref="difference"), {"reason": KEPT}),
    Form("/officer/journal/<key>/correct", "officer", {"key": "posted"}, ENTRY, once=True, again=True),
    Form("/officer/journal/new", "officer", data=ENTRY, once=True, again=True),
    Form(
        "/officer/parcels/<ref>/insurer", "officer", of(ref="packed"), {"paid": "1.00", "reason": KEPT}, once=True,
    ),
    Form(
        "/officer/parcels/<ref>/settle", "officer", of(ref="lost"),
        {"goods": "refund", "freight": "refund", "reason": KEPT},
    ),
    Form("/officer/books/refunds/<ref>/give-up-bank", "officer", of(ref="by_bank")),
    Form("/officer/books/refunds/<ref>/paid", "officer", of(ref="by_bank_agreed"), {"reference": "ZV-2026-11-22"}),
    Form("/officer/books/refunds/<ref>/propose", "officer", of(ref="by_bank"), {"reason": KEPT}, once=True),
    Form("/officer/refunds/<ref>/retry", "officer", of(ref="refund"), {"way": "original"}),
    Form("/officer/releases/<ref>/retry", "officer", of(ref="release")),
    Form(f"{MATCH}/clear", "officer", of(ref="screened", match="hit"), {"reason": KEPT}, once=True),
    Form(f"{MATCH}/confirm", "officer", of(ref="screened", match="hit"), {"reason": KEPT}, once=True),
    Form(f"{MATCH}/reopen", "officer", of(ref="stopped", match="confirmed_hit"), {"reason": KEPT}, once=True),
    Form("/officer/screening/<ref>/note", "officer", of(ref="screened"), {"note": KEPT}, again=True),
    Form("/officer/staff", "admin", data={"email": "=new_email", "role": "officer"}, once=True, again=True),
    Form("/officer/staff/<subject>/restore", "admin", {"subject": "suspended.subject"}),
    Form("/officer/staff/<subject>/reset-factors", "admin", {"subject": "colleague.subject"}, again=True),
    Form("/officer/staff/<subject>/suspend", "admin", {"subject": "colleague.subject"}),
    Form("/officer/work/<key>/resume", "officer", {"key": "given_up"}),
    Form("/officer/work/<key>/set-aside", "officer", {"key": "other_work"}, {"reason": KEPT}),
    Form("/orders/<ref>/cancel", "shopper", of(ref="order"), foreign="stranger", again=True),
    Form(f"{ITEM}/cancel", "shopper", of(ref="paid"), foreign="stranger", again=True),
    Form(f"{ITEM}/accept", "shopper", of(ref="inspected"), once=True, foreign="stranger"),
    Form(f"{ITEM}/decline-price", "shopper", of(ref="risen"), foreign="stranger"),
    Form(
        f"{ITEM}/return", "shopper", of(ref="stocked"), {"reason": "damaged", "story": KEPT}, ("photos",), once=True,
        foreign="stranger",
    ),
    Form(f"{PARCEL}/cancel", "shopper", of(ref="pending"), foreign="stranger"),
    Form(f"{PARCEL}/confirm", "shopper", of(ref="arrived"), once=True, foreign="stranger"),
    Form(f"{PARCEL}/reopen", "shopper", of(ref="pending"), foreign="stranger"),
    Form(
        f"{PARCEL}/submit", "shopper", of(ref="draft"),
        {"line": "nippon-ems", "incoterm": "DDP", "insured": "", "total": "", "declared": ""}, once=True,
        foreign="stranger",
    ),
    Form("/parcels/new", "shopper", data={"items": "=stocked_ref", "address": "=address_ref"}, once=True),
    Form("/pay/<token>", "nobody", {"token": "pay_token"}, again=True),
    Form("/quotes/<ref>/order", "shopper", of(ref="quote"), once=True, foreign="stranger", again=True),
    Form("/quotes/<ref>/renew", "shopper", of(ref="quote"), once=True, foreign="stranger", again=True),
    Form("/refunds/<ref>/bank", "shopper", of(ref="by_bank"), REFUND_BANK, foreign="stranger", again=True),
    Form("/returns/<ref>/withdraw", "shopper", of(ref="case"), foreign="stranger"),
    Form("/sign-in", "nobody", data={"email": "=email", "password": PASSWORD, "next": ""}, again=True),
    Form("/sign-in/passkey", "nobody", data={"credential": "{}", "next": ""}),
    Form("/sign-in/passkey/options", "nobody", again=True),
    Form("/sign-in/second-step", "nobody", data={"code": "123456"}, again=True),
    Form("/sign-in/with/<name>", "nobody", {"name": "provider"}, again=True),
    Form("/sign-out", "shopper", again=True),
    Form("/sign-up", "nobody", data=SIGN_UP, once=True, again=True),
    Form("/sign-up/code", "nobody", data={"email": "=waiting_email", "code": "=mail_code"}),
    Form("/sign-up/resend", "nobody", data={"email": "=email"}, again=True),
    Form(
        "/sourcing", "shopper",
        data={"url": "https://shop.example.jp/rin", "title": KEPT, "country": "JP", "quantity": "1", "wishes": KEPT},
        once=True, again=True,
    ),
    Form("/sourcing/<ref>/accept-quote", "shopper", of(ref="answered"), once=True, foreign="stranger", again=True),
    Form("/sourcing/<ref>/withdraw", "shopper", of(ref="wish"), foreign="stranger", again=True),
    Form("/support/returns/<ref>/approve", "support", of(ref="case"), {"reason": KEPT}),
    Form("/support/returns/<ref>/decline", "support", of(ref="case"), {"reason": KEPT}),
    Form("/support/returns/<ref>/lost", "support", of(ref="labelled")),
    Form(
        "/warehouse/arrivals/<ref>/receive", "inspector", of(ref="purchased"),
        {"bin": "A-01", "weight_g": "900", "length_mm": "300", "width_mm": "200", "height_mm": "200"}, once=True,
    ),
    Form(
        "/warehouse/inspections/<ref>", "inspector", of(ref="received"),
        {"verdict": "conformant", "serial": "S-1", "remarks": KEPT}, ("photos",), once=True,
    ),
    Form("/warehouse/packing/<ref>/pack", "inspector", of(ref="paid_parcel"), {"weight_g": "700"}, once=True),
    Form("/warehouse/packing/<ref>/ship", "inspector", of(ref="packed"), once=True),
    Form("/warehouse/returns/<ref>/receive", "inspector", of(ref="approved")),
)  # fmt: skip
FORMS += office.FORMS + merchants.FORMS + trust.FORMS + circles.FORMS + guarantees.FORMS
HOOKS = {"/webhooks/easypost", "/webhooks/stripe"}


def build(client_of):
    """Everything the table speaks of, made as the services make it."""
    factories.rates()
    w = SimpleNamespace(company="company", place="place", paper_kind="tax_registration")
    _people(w, client_of)
    _goods(w)
    _items(w)
    _parcels(w)
    _returns(w)
    _money(w)
    _payouts(w)
    _applications(w, client_of)
    _identities(w, client_of)
    _proposals(w)
    _screening(w)
    w.search = searches.keep(factories.actor(w.officer), "Lost", Facets(kind="order:lost"))
    w.order_ref, w.whose_order = w.order.ref, w.order.subject
    office.build(w)
    merchants.build(w)
    trust.build(w)
    circles.build(w)
    guarantees.build(w, hold, succeeded, paid_freight)
    db.session.flush()
    for name, thing in vars(w).items():
        if hasattr(thing, "__table__"):
            setattr(w, name, _plain(thing))
    return w


def _plain(row):
    """What a test needs of a row, without its session."""
    names = ("id", "ref", "subject", "session_epoch", "account_id", "state")
    return SimpleNamespace(**{n: getattr(row, n) for n in names if hasattr(row, n)})


def _people(w, client_of):
    for name, roles in (
        ("shopper", ()), ("stranger", ()), ("newcomer", ()), ("inspector", ("inspector",)), ("support", ("support",)),
        ("officer", ("officer",)), ("admin", ("admin",)), ("colleague", ("officer",)), ("suspended", ("officer",)),
    ):  # fmt: skip
        setattr(w, name, factories.account(*roles))
    w.shop, w.merchant = factories.merchant()
    w.rival_shop, w.rival = factories.merchant("Han River", "KR", "KRW")
    secret = passwords.hashed(PASSWORD)
    with transaction():
        for account in (w.shopper, w.officer, w.rival):
            account.password_hash = secret
            db.session.add(account)
        door.transition(factories.actor(w.admin), w.suspended, "suspend")
        w.unconfirmed = unknown_yet()
        w.invited = unknown_yet("officer")
        w.confirm_token = tokens.issue(w.unconfirmed, "confirm")
        w.invite_token = tokens.issue(w.invited, "invite")
        w.password_token = tokens.issue(w.stranger, "password")
    _security(w)
    w.email, w.new_email = w.shopper.email, f"{secrets.token_hex(6)}@example.test"
    w.today, w.tomorrow = clock.today().isoformat(), (clock.today() + timedelta(days=1)).isoformat()


def _proposals(w):
    """One that the officer may decide, and one that the officer may only take back."""
    kind = proposals.Kind("world.kind", "officer.work", "officer.work", "Nothing", lambda actor, row: None)
    proposals.register(kind)
    for name, who in (("proposal", w.colleague), ("own_proposal", w.officer)):
        row = proposals.propose(
            factories.actor(who), kind.name, about="LST-1", summary=KEPT, reason="Because of the law.", payload={}
        )
        setattr(w, name, row)


def _screening(w):
    """A case that waits, and one that was confirmed: destinations under an embargo that every installation has."""
    for party, match, country in (("screened", "hit", "KP"), ("stopped", "confirmed_hit", "CU")):
        screening.screen(f"PCL-{country}", [Facts("destination", "sub_world", country=country, goods=("950300",))])
        row = db.session.query(Party).join(Use, Use.party_id == Party.id).filter(Use.about == f"PCL-{country}").one()
        setattr(w, party, row)
        setattr(w, match, screening.matches(row)[0])
    with transaction():
        w.confirmed_hit.decision = "confirmed"
        db.session.flush()
        screening.follow(load_locked(Party, id=w.stopped.id))


def _security(w):
    """Second factors, codes and merchant staff."""
    w.keeper, w.invitee, w.helper = factories.account(), factories.account(), factories.account("shopper", "merchant")
    w.provider, soon = "sandbox", clock.now() + timedelta(days=300)
    w.invitation = members.invite(factories.actor(w.merchant), w.invitee.email, ["lister"], "en")
    factors.prepare_totp(factories.actor(w.shopper))
    with transaction():
        w.alarm_token, w.waiting_email = tokens.issue(w.stranger, "alarm"), w.unconfirmed.email
        w.mail_code = codes.issue(w.unconfirmed, "confirm")
        w.phone_code = codes.issue(w.shopper, "phone", "+4915123456789")
        letters.phone_code(w.shopper, "+4915123456789", w.phone_code)
        w.elsewhere = sessions.begin(w.shopper, Visit(), "password", False).session
        w.passkey = Passkey(
            account_id=w.keeper.id, credential_id=secrets.token_bytes(16), public_key=b"x", sign_count=0, name="Key",
            transports=[],
        )  # fmt: skip
        w.certificate = Certificate(account_id=w.officer.id, fingerprint=secrets.token_hex(32), expires_at=soon)
        app = Totp(account_id=w.keeper.id, subject=w.keeper.subject, confirmed_at=clock.now())
        app.secret = pyotp.random_base32()
        linked = ExternalIdentity(account_id=w.keeper.id, subject=w.keeper.subject, provider=w.provider)
        linked.external, linked.external_index = "x|y", secrets.token_bytes(33)
        staff = Member(merchant_id=w.shop.id, account_id=w.helper.id, role="staff", rights=["lister"])
        db.session.add_all([w.passkey, w.certificate, app, linked, staff])


def unknown_yet(role="shopper"):
    row = open_account(f"{secrets.token_hex(6)}@example.test", [role], "DE", "EUR", "en")
    door.created(system("test"), row)
    db.session.flush()
    return row


def _goods(w):
    mine = factories.actor(w.shopper)
    w.listing, w.paused = factories.listing(w.shop), factories.listing(w.shop)
    with transaction():
        door.transition(factories.actor(w.merchant), w.paused, "pause")
    w.listing_ref, w.photo, w.version = w.listing.ref, w.listing.photos[1], str(w.listing.version)
    w.order = factories.order(w.shopper, w.listing)
    w.bill = factories.bill_of(w.order)
    w.pay_token = links.link_to(w.bill).rpartition("/")[2]
    w.quote = factories.quote(w.shopper, w.listing)  # and the line stays in the cart
    wish = sourcing.Wish("https://shop.example.jp/rin", "Moon Courier", "JP", 1)
    w.wish, w.answered = sourcing.ask(mine, wish), sourcing.ask(mine, wish)
    answer = sourcing.Answer(
        Money(18_400, "JPY"), Money(800, "JPY"), "figures", "JP", "950300", 900, 300, 200, 200,
        clock.today() + timedelta(days=2),
    )  # fmt: skip
    sourcing.quote(factories.actor(w.merchant), w.answered.ref, answer)


def _items(w):
    for name, state in (("paid", "paid"), ("purchased", "purchased"), ("received", "received"),
                        ("inspected", "inspected"), ("stocked", "in_stock")):  # fmt: skip
        setattr(w, name, bench.item(state, w.shopper, w.shop))
    w.risen = bench.item("paid", w.shopper, w.shop)
    w.dearer, w.cheaper = (bench.item("paid", w.stranger, w.shop) for _ in range(2))  # limits of a tier
    orders.report_price(factories.actor(w.merchant), w.risen.ref, Money(20_000, "JPY"), "supplier")
    w.address = bench.address(w.shopper)
    w.address_ref, w.stocked_ref = w.address.ref, w.stocked.ref


def hold(thing, money):
    """Money held for a thing, as a payment leaves it."""
    with transaction():
        lines = [debit("clearing", money), credit("escrow", money, thing.id)]
        post(system("test"), thing, "paid", f"test:{thing.id}", lines)


def _parcels(w):
    mine, choice = factories.actor(w.shopper), shipping.Choice("nippon-ems", "DDP", False)
    made = {}
    for name in ("draft", "pending", "paid_parcel", "packed", "arrived", "lost", "came"):
        item = bench.item("in_stock", w.shopper, w.shop)
        with transaction():
            passports.open_passport(item.id, item.title, "", item.origin)
        made[name] = shipping.build(mine, w.address.ref, [item.ref])
        if name != "draft":
            bill = shipping.submit(mine, made[name].ref, choice)
        if name in ("paid_parcel", "packed", "arrived", "lost", "came"):
            hold(made[name], bill.total)
            with transaction():
                orders.settle_bill(system("test"), load_locked(Bill, id=bill.id))
                door.transition(system("test"), made[name], "pay")
        if name in ("packed", "arrived", "lost", "came"):
            shipping.pack(factories.actor(w.inspector), made[name].ref, 700)
        if name in ("arrived", "came"):
            _arrive(made[name], item)
        if name == "lost":
            _lose(made[name], item)
    w.__dict__.update(made)
    owed = Money(100, w.packed.currency)
    with transaction():  # as a settled loss leaves it
        lines = [debit("insurance_claim", owed, w.packed.id), credit("compensation", owed)]
        post(system("test"), w.packed, "insurance_claimed", f"test:insured:{w.packed.id}", lines)


def _lose(parcel, item):
    hold(item, item.total)
    succeeded(db.session.get(Order, item.order_id), item)
    paid_freight(parcel)
    with transaction():
        door.transition(system("test"), parcel, "ship")
        door.transition(system("test"), item, "ship")
        db.session.flush()
        door.transition(system("test"), parcel, "lose")


def paid_freight(parcel):
    """A payment of the parcel's freight bill that counted."""
    bill = db.session.execute(select(Bill).filter_by(parcel_id=parcel.id)).scalar_one()
    attempt = Attempt(
        bill_id=bill.id, bill_ref=bill.ref, account_id=bill.account_id, subject=bill.subject, order_ref=bill.about_ref,
        locale="en", currency=bill.currency, amount_minor=bill.total_minor, expires_at=clock.now(),
        payment_intent_id=f"pi_{secrets.token_hex(8)}",
    )  # fmt: skip
    with transaction():
        door.created(system("test"), attempt)
        door.transition(system("test"), attempt, "succeed")


def _arrive(parcel, item):
    hold(item, item.total)
    with transaction():
        for move in ("ship", "deliver"):
            door.transition(system("test"), parcel, move)
            door.transition(system("test"), item, move)
            db.session.flush()
        parcel.delivered_at = item.delivered_at = parcel.shipped_at = clock.now()


def _returns(w):
    mine, say = factories.actor(w.shopper), aftersales.ReturnRequest("changed_mind", "No.")
    w.case = aftersales.open_return(mine, bench.item("in_stock", w.shopper, w.shop).ref, say)
    w.case_item = db.session.get(type(w.stocked), w.case.item_id)
    hold(w.case_item, w.case_item.total)
    there = bench.item("delivered", w.shopper, w.shop)
    hold(there, there.total)
    with transaction():
        there.delivered_at = clock.now()
    w.approved = aftersales.open_return(mine, there.ref, say)
    aftersales.approve(factories.actor(w.support), w.approved.ref, "Yes.")
    for item in (w.case_item, there):
        succeeded(db.session.get(Order, item.order_id), item)


def succeeded(order, item):
    """A payment of the item's order that counted: what refunds are taken from."""
    with transaction():
        bill = orders.issue_bill(
            system("test"), kind="goods", account_id=order.account_id, subject=order.subject, order_id=order.id,
            about_ref=order.ref, currency=order.currency, rows=[{"label": "x", "minor": item.total.minor}],
            split=[{"escrow": str(item.id), "minor": item.total.minor}], due_until=clock.now(),
        )  # fmt: skip
        attempt = Attempt(
            bill_id=bill.id, bill_ref=bill.ref, account_id=bill.account_id, subject=bill.subject,
            order_ref=bill.about_ref, locale="en", currency=bill.currency, amount_minor=bill.total_minor,
            expires_at=clock.now(), payment_intent_id=f"pi_{secrets.token_hex(8)}",
        )  # fmt: skip
        door.transition(system("test"), bill, "settle")
        door.created(system("test"), attempt)
        door.transition(system("test"), attempt, "succeed")
        db.session.flush()
    return attempt


def _money(w):
    item = bench.item("delivered", w.shopper, w.shop)
    hold(item, item.total)
    attempt = succeeded(db.session.get(Order, item.order_id), item)
    w.refund, w.by_bank, w.by_bank_agreed = (_refund(attempt, item) for _ in range(3))
    w.release = Release(
        ref=ids.new_ref("REL"), item_id=item.id, merchant_id=item.merchant_id, merchant_ref=item.merchant_ref,
        order_ref=item.order_ref, rule="test", currency="JPY", amount_minor=100, held_minor=100, commission_minor=0,
    )  # fmt: skip
    with transaction():
        for row in (w.refund, w.release, w.by_bank, w.by_bank_agreed):
            door.created(system("test"), row)
            db.session.flush()
            door.transition(system("test"), row, "fail")
    for row in (w.by_bank, w.by_bank_agreed):
        refunding.retry(factories.actor(w.officer), row.ref, "bank")
        ways.name_bank(factories.actor(w.shopper), row.ref, ways.BankAccount("Mara Vogel", "DE02", "BIC"))
    agreed = ways.propose_by_bank(factories.actor(w.officer), w.by_bank_agreed.ref, KEPT)
    proposals.approve(factories.actor(w.colleague), agreed.ref)
    _cases(w)


def _refund(attempt, item):
    return Refund(
        ref=ids.new_ref("RFD"), attempt_id=attempt.id, account_id=attempt.account_id, subject=attempt.subject,
        order_ref=attempt.order_ref, escrow_owner=str(item.id), item_id=item.id, reason="test", currency="EUR",
        amount_minor=100,
    )  # fmt: skip


def _cases(w):
    """A dispute, a difference, an entry, a lost parcel and work that was given up."""
    item = bench.item("purchased", w.stranger, w.shop)  # a tier has room for so many orders under way
    attempt = succeeded(db.session.get(Order, item.order_id), item)
    hold(item, item.total)
    w.posted = db.session.execute(select(Transaction.id).where(Transaction.key == f"test:{item.id}")).scalar_one()
    w.dispute = Dispute(
        ref=ids.new_ref("DSP"), provider_id=f"du_{secrets.token_hex(8)}", attempt_id=attempt.id,
        account_id=attempt.account_id, subject=attempt.subject, order_ref=attempt.order_ref, reason="fraudulent",
        provider_status="needs_response", currency="EUR", amount_minor=100, due_at=clock.now() + timedelta(days=7),
    )  # fmt: skip
    run = ReconciliationRun(day=clock.today() - timedelta(days=400))
    with transaction():
        w.dispute.evidence, w.dispute.assembled_at = {"product_description": "A figure."}, clock.now()
        attempt.disputed_at = clock.now()
        door.created(system("test"), w.dispute)
        door.created(system("test"), run)
        db.session.flush()
        door.transition(system("test"), w.dispute, "ask")
        w.difference = Finding(
            ref=ids.new_ref("FND"), run_id=run.id, day=run.day, key=f"test:{item.id}", kind="fault",
            code="missing_there", line_kind="charge", transaction_id=w.posted, currency="EUR", ours_minor=100,
            seen_no=1,
        )  # fmt: skip
        door.created(system("test"), w.difference)
        work = [outbox.put("refund.failed", refund_id=str(w.refund.id)) for _ in range(2)]
    with transaction():
        for key in work:
            load_locked(outbox.OutboxRow, id=key).failed_at = clock.now()
    w.given_up, w.other_work = map(str, work)


def _payouts(w):
    """One that waits for a bank file, an entry that nobody knows, and a merchant who owes nothing any more."""
    who = factories.actor(w.rival)
    w.bank_details = details.save(who, "Han River", "123456789", "CZNBKRSE", "KR")
    w.payout = Payout(
        ref=ids.new_ref("PAY"), merchant_id=w.rival_shop.id, merchant_ref=w.rival_shop.ref, rail="bank_file",
        currency="KRW", amount_minor=50_000, releases=1,
    )  # fmt: skip
    report = BankReport(message_id="WORLD", sha256="0" * 64, entries=1, imported_by=w.officer.id)
    w.provider_payout = ProviderPayout(
        provider_id="po_world", merchant_id=w.shop.id, currency="JPY", amount_minor=100, arrives=clock.today()
    )
    with transaction():
        door.created(system("test"), w.payout)
        door.created(system("test"), w.provider_payout)
        db.session.add(report)
        db.session.flush()
        w.bank_entry = BankEntry(
            report_id=report.id, entry_key="WORLD", reference="WORLD", currency="KRW", amount_minor=-5,
            booked_on=clock.today(), verdict="unmatched",
        )  # fmt: skip
        db.session.add(w.bank_entry)
    _recourse(w)


def _recourse(w):
    item = bench.item("delivered", w.shopper, w.shop)
    hold(item, item.total)
    with transaction():
        door.transition(bench.anybody(w.shopper, w.shop), load_locked(OrderItem, id=item.id), "complete")
    payments.release_item(system("payments"), item, "receipt_confirmed")
    w.recourse = recourse.recover(system("payments"), item, Money(100, "EUR"), "WORLD")


def _identities(w, client_of):
    """Photos that wait for an officer, and somebody whose name and card are verified."""
    w.photographed, w.checked = factories.account(), factories.account()
    assert send_photos(client_of(w.photographed)).status_code == 303
    w.photo_check = db.session.query(IdentityCheck).filter_by(account_id=w.photographed.id).one()
    with transaction():
        known = tiers.identity_of(system("test"), w.checked)
        door.transition(system("test"), known, "verify")
        known.card_verified_at = clock.now()


def _applications(w, client_of):
    w.beginner = factories.account()
    people.begin(client_of(w.beginner))
    w.applicant_ready = factories.account()
    people.fill_in(client_of(w.applicant_ready))
    desk = client_of(w.officer)
    for name in ("submitted", "taken", "accepted"):
        account, _browser = people.applied(client_of)
        if name != "submitted":
            desk.post(f"/officer/applications/{people.application_of(account).ref}/take")
        if name == "taken":
            w.paper = next(iter(people.papers_of(account).values()))
        if name == "accepted":
            people.accept_all(desk, account)
        setattr(w, name, people.application_of(account))
