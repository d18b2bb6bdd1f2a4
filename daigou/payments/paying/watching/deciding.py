"""What follows when a person has decided on a payment, and what its shopper may say before and after."""

from __future__ import annotations

from uuid import UUID

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.orders import screening
from daigou.orders.models import Bill
from daigou.payments.actor import SYSTEM
from daigou.payments.paying import reading
from daigou.risk import service as risk
from daigou.risk.habits.models import PaymentCheck
from daigou.risk.models import RiskCase

from . import judging, letters


def follow(case_id: UUID) -> None:
    """The job after an officer's decision: the bill can be paid, with time to do so, or the account is closed until its
    owner has a new password. Run twice, the second finds it done."""
    case: RiskCase = load(RiskCase, id=case_id)
    with transaction():
        check: PaymentCheck = load_locked(PaymentCheck, id=case.about_id)
        if not check.is_("held"):
            return
        if case.is_("cleared"):
            door.transition(SYSTEM, check, "clear", case=case.ref)
            screening.give_time(load_locked(Bill, id=check.bill_id))
        elif case.is_("upheld"):
            door.transition(SYSTEM, check, "refuse", case=case.ref)
            letters.refused(check, case.ruling)
            judging.freeze(check)


def of_bill(bill: Bill) -> PaymentCheck | None:
    """The check that keeps this bill from being paid, for its page; None where none does."""
    found = find(PaymentCheck, bill_id=bill.id)
    return found if found is not None and bill.is_("due") and found.is_("held", "refused") else None


def ruling_of(check: PaymentCheck) -> str:
    """What the officer wrote, for the shopper to read."""
    case = risk.latest(check.id)
    return case.ruling if case is not None else ""


def explain(actor: Actor, bill_ref: str, story: str) -> PaymentCheck:
    """The shopper's own words. What was refused is looked at again by another person (GDPR art. 22(3)), once.

    Impossible where nothing waits, or where it was looked at twice.
    """
    bill = reading.bill_for(actor, bill_ref)
    with transaction():
        check: PaymentCheck = load_locked(PaymentCheck, bill_id=bill.id)
        require(actor, "payment.contest", check)
        check.story = story
        if check.is_("refused"):
            _contest(actor, check)
        elif check.is_("held"):
            door.record(actor, check, "explained")
        else:
            raise Impossible("payment.cleared", lazy("You can pay this bill already."))
    return check


def _contest(actor: Actor, check: PaymentCheck) -> None:
    if check.contested_at is not None:
        raise Impossible("payment.contested", lazy("Two people have looked at this. Write to support if it is wrong."))
    check.contested_at = clock.now()
    door.transition(actor, check, "contest")
    judging.open_case(check, {"code": risk.CONTESTED})


def read(actor: Actor, case: RiskCase, *, again: bool = False) -> PaymentCheck:
    """The payment behind a case, for an officer. That it was read stands in the log, for somebody wrote there;
    ``again``: the page is shown anew after a refusal."""
    require(actor, "risk.view")
    with transaction():
        check: PaymentCheck = load_locked(PaymentCheck, id=case.about_id)
        if not again:
            door.record(actor, check, "viewed", case=case.ref)
    return check
