"""May this payment begin? Answered in the request from one statement and a sum; a person decides what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from compliance.audit import door
from daigou.accounts import freezing
from daigou.accounts.models import Account
from daigou.accounts.sessions.rules import FRESH
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy, nlazy
from daigou.orders.models import Bill
from daigou.payments.actor import SYSTEM
from daigou.payments.paying import pages
from daigou.payments.paying.models import Attempt
from daigou.risk import service as risk
from daigou.risk.habits import scoring, thresholds
from daigou.risk.habits.models import PaymentCheck
from daigou.risk.habits.scoring import Score
from daigou.risk.habits.thresholds import FREEZE, HOLD, STEP_UP
from daigou.risk.learning import service as learning
from daigou.risk.rules import DECIDE_WITHIN

from . import letters
from .facts import Facts, gather

KIND: Final = "payment"
ASKS_WHO: Final = "payment.step_up"

HELD = nlazy(
    "This payment is unlike those that you usually make, so a person looks at it first. It takes up to %(num)d hour. "
    "Nothing is charged and your order waits. On the page of the bill you can tell us more.",
    "This payment is unlike those that you usually make, so a person looks at it first. It takes up to %(num)d hours. "
    "Nothing is charged and your order waits. On the page of the bill you can tell us more.",
    DECIDE_WITHIN // timedelta(hours=1),
)
REFUSED = lazy(
    "A person has looked at this payment and stopped it. On the page of the bill you read why, and can have it looked "
    "at again by somebody else."
)
CLOSED = lazy(
    "It looks as if somebody else is paying with your account, so we have closed it for now. Nothing was charged. We "
    "have sent you a message with a link: choose a new password there, and it is yours again."
)
WHO = lazy("This payment is unlike those that you usually make. Confirm that it is you, then go on to pay.")


@dataclass(frozen=True, slots=True)
class Judgement:
    score: Score
    verdict: str

    def as_facts(self) -> dict[str, Any]:
        """For the log: points and codes, nothing of what somebody bought."""
        codes = [sign.code for sign in self.score.signs]
        return {"points": self.score.points, "verdict": self.verdict, "signs": codes, "version": scoring.VERSION}


def judge(facts: Facts) -> Judgement:
    """No statement: the rows in force are kept for a minute."""
    table = thresholds.table()
    score = scoring.score(facts.habit, table.prior(facts.tier, facts.home), facts.seen)
    return Judgement(score, table.verdict(score.points))


def require_usual(actor: Actor, bill: Bill) -> Judgement:
    """Before the provider is asked. Impossible while a person has to look, or until the payer confirms who they are.

    One statement where nothing is strange, of a bill that is due; of another one whoever pays hears why anyway.
    """
    facts = gather(bill, actor.session_id)
    found = judge(facts)
    if not bill.is_("due") or facts.standing == "cleared":
        return found
    if facts.standing is not None:
        raise _waits(facts.standing)
    if found.verdict in (HOLD, FREEZE):
        hold(bill.id, found)
        raise Impossible(f"payment.{found.verdict}", CLOSED if found.verdict == FREEZE else HELD)
    if found.verdict == STEP_UP and not _is_confirmed(facts):
        _note_asked(actor, bill, found)
        raise Impossible(ASKS_WHO, WHO)
    return found


def look_again(attempt_id: UUID) -> None:
    """The job after a refused try: a card that was copied is tried on one page, again and again."""
    attempt = load(Attempt, id=attempt_id)
    bill = load(Bill, id=attempt.bill_id)
    facts = gather(bill, None)
    found = judge(facts)
    if facts.standing is None and bill.is_("due") and found.verdict in (HOLD, FREEZE):
        hold(bill.id, found)


def hold(bill_id: UUID, found: Judgement) -> None:
    """Nothing can be paid for this bill until a person has decided; owner and officers hear of it. Once a bill."""
    with transaction():
        bill = load_locked(Bill, id=bill_id)
        if not bill.is_("due") or find(PaymentCheck, bill_id=bill.id) is not None:
            return
        check = _check_of(bill, found)
        door.created(SYSTEM, check, bill=bill.ref, **found.as_facts())
        db.session.flush()
        open_case(check)
        if found.verdict == FREEZE:
            freeze(check)
        else:
            pages.close_others(bill.id)
            letters.held(load(Account, id=bill.account_id), bill)


def _check_of(bill: Bill, found: Judgement) -> PaymentCheck:
    return PaymentCheck(
        bill_id=bill.id,
        bill_ref=bill.ref,
        order_ref=bill.about_ref,
        account_id=bill.account_id,
        subject=bill.subject,
        points=found.score.points,
        verdict=found.verdict,
        signs=[sign.as_row() for sign in found.score.signs],
        version=scoring.VERSION,
    )


def open_case(check: PaymentCheck, *more: dict[str, Any]) -> None:
    """Before an officer, in the running transaction."""
    about = risk.About(KIND, check.id, check.bill_ref, subject=check.subject)
    risk.open_case(about, [*more, *check.signs], learning.likelihood(check.signs))


def freeze(check: PaymentCheck) -> None:
    """As after a strange sign-in (S77): every session ends, the owner comes back with a new password and a factor. No
    page stays open on which this account could pay."""
    pages.close_all(check.account_id)
    freezing.freeze(check.account_id, KIND)


def _waits(standing: str) -> Impossible:
    return Impossible(f"payment.{standing}", HELD if standing == "held" else REFUSED)


def _is_confirmed(facts: Facts) -> bool:
    return facts.stepped_up_at is not None and clock.now() - facts.stepped_up_at < FRESH


def _note_asked(actor: Actor, bill: Bill, found: Judgement) -> None:
    with transaction():
        door.record(actor, load_locked(Bill, id=bill.id), "asked_who", **found.as_facts())
