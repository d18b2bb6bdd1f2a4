"""Merchants after their approval: their forms, and one of each of their things."""

from compliance.qualification import authenticity, conflicts, suspending
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.rules import credit, debit
from daigou.payments.payouts import asking
from daigou.payments.payouts.banking import details
from daigou.payments.payouts.banking.models import BankDetails
from tests import factories

from .form import KEPT, Form

APPLIED, SHOP = "/officer/applications/<ref>", "/officer/merchants/<ref>"
WORDS = {"words": KEPT}

FORMS = (
    Form(f"{APPLIED}/release", "officer", {"ref": "taken.ref"}),
    Form(f"{APPLIED}/hand-over", "officer", {"ref": "taken.ref"}, {"officer": "=colleague_subject"}, again=True),
    Form(f"{APPLIED}/notes", "officer", {"ref": "taken.ref"}, WORDS, again=True),
    Form(f"{APPLIED}/points", "officer", {"ref": "taken.ref"}, {"point": "names_match"}, again=True),
    Form(f"{APPLIED}/propose", "officer", {"ref": "accepted.ref"}, {"why": KEPT}, once=True),
    Form(f"{SHOP}/suspend", "officer", {"ref": "calm_shop.ref"}, WORDS | {"code": "orders"}),
    Form(f"{SHOP}/close", "officer", {"ref": "calm_shop.ref"}, WORDS),
    Form(f"{SHOP}/deposit", "officer", {"ref": "ending_shop.ref"}, {"reason": KEPT}, once=True),
    Form(
        f"{SHOP}/deposit/<request_ref>/decline", "officer",
        {"ref": "asking_shop.ref", "request_ref": "deposit_request.ref"}, {"reason": KEPT},
    ),
    Form("/merchant/payouts/deposit", "ending_owner", once=True),
    Form(f"{SHOP}/tests", "officer", {"ref": "calm_shop.ref"}, once=True, again=True),
    Form(
        f"{SHOP}/tests/<test>/sample", "officer", {"ref": "calm_shop.ref", "test": "planned_test.ref"},
        {"item": KEPT, "laboratory": KEPT},
    ),
    Form(
        f"{SHOP}/tests/<test>/conclude", "officer", {"ref": "calm_shop.ref", "test": "sampled_test.ref"},
        {"outcome": "fail", "finding": KEPT}, ("file",),
    ),
    Form(
        f"{SHOP}/suspensions/<suspension>/uphold", "officer",
        {"ref": "loud_shop.ref", "suspension": "appealed.ref"}, WORDS,
    ),
    Form(
        f"{SHOP}/suspensions/<suspension>/lift", "officer",
        {"ref": "loud_shop.ref", "suspension": "appealed.ref"}, WORDS,
    ),
    Form("/officer/interests", "officer", data={"kind": "address", "value": KEPT}, once=True, again=True),
    Form("/officer/interests/<ref>/end", "officer", {"ref": "interest.ref"}, again=True),
    Form("/officer/dac7", "officer", data={"year": "2026", "reason": KEPT}, once=True),
    Form("/merchant/qualification/change", "calm_owner", data={"changes": "name"}, once=True),
    Form("/merchant/qualification/appeal", "silenced_owner", data=WORDS),
    Form("/merchant/listings/bulk", "merchant", data={"mode": "good"}, files=("file",), once=True, again=True),
)  # fmt: skip


def build(w):
    officer, colleague = factories.actor(w.officer), factories.actor(w.colleague)
    w.colleague_subject = w.colleague.subject
    w.calm_shop, w.calm_owner = factories.merchant("Calm Shop")
    silenced, w.silenced_owner = factories.merchant("Silenced Shop")
    w.loud_shop, loud_owner = factories.merchant("Loud Shop")
    for shop in (silenced, w.loud_shop):
        suspending.suspend(colleague, shop.ref, "orders", KEPT)
    w.appealed = suspending.appeal(factories.actor(loud_owner), KEPT)
    w.planned_test, w.sampled_test = (authenticity.plan(officer, w.calm_shop.ref) for _ in range(2))
    authenticity.sample(officer, w.sampled_test.ref, KEPT, KEPT)
    w.interest = conflicts.declare(officer, "bank", "DE02120300000000202051")
    _ending(w)


def _ending(w):
    """Merchants who have put up a deposit, sold nothing, and can be paid by bank; one has asked for it back."""
    w.ending_shop, w.ending_owner = _with_deposit("Ending Shop", "987654321")
    w.asking_shop, owner = _with_deposit("Asking Shop", "987654322")
    w.deposit_request = asking.ask(factories.actor(owner))


def _with_deposit(name, account):
    shop, owner = factories.merchant(name, country="KR", currency="KRW")
    row = details.save(factories.actor(owner), name, account, "CZNBKRSE", "KR")
    amount = Money(5000, "KRW")
    with transaction():
        db.session.get(BankDetails, row.id).usable_from = clock.now()
        lines = [debit("bank", amount), credit("deposit", amount, shop.id)]
        ledger.post(system("test"), shop, "test", f"test:{shop.id}", lines)
    return shop, owner
