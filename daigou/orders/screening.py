"""Orders against sanctions lists: whom an order is looked at for, and what stops while a person has to look.

Placing records the wish only; a job looks a moment later. Whoever is faster and wants to pay has it looked at then.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from compliance.screening import rules
from compliance.screening import service as screening
from compliance.screening.finding import Facts
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy, nlazy
from daigou.risk.habits.models import PaymentCheck

from . import letters
from .models import Bill, Order, OrderItem
from .rules import PAY_HOURS

CLOCK = system("orders")


def screen(order: Order) -> str:
    """Look at the shopper and at the destination with its goods; answers how it stands."""
    account = load(Account, id=order.account_id)
    kinds = select(OrderItem.hs_code).where(OrderItem.order_id == order.id).distinct()
    goods = tuple(sorted(db.session.execute(kinds).scalars()))
    name = account.name if isinstance(account.name, str) else ""
    return screening.screen(
        order.ref,
        (
            Facts("shopper", order.subject, (name,), account.country),
            Facts("destination", order.subject, country=order.country, goods=goods),
        ),
    )


def standing(about: str) -> str:
    """How an order or parcel stands; an order that nobody has looked at is looked at now."""
    found = screening.standing(about)
    order = find(Order, ref=about) if found == rules.UNKNOWN else None
    return screen(order) if order is not None else found


def require_clear(about: str) -> None:
    """Impossible while a person has to look at it, in words that say nothing of why."""
    found = standing(about)
    if found == rules.HELD:
        raise Impossible("order.checking", checking())
    if found == rules.CONFIRMED:
        raise Impossible("order.stopped", STOPPED)


STOPPED = lazy("We can’t go on with this. Our team will write to you.")


def checking() -> object:
    """What people are told, whatever the reason is."""
    return nlazy(
        "We are checking the details before we go on. This takes up to %(num)d day, and you need not do anything.",
        "We are checking the details before we go on. This takes up to %(num)d days, and you need not do anything.",
        rules.PATIENCE.days,
    )


def is_held(about: str) -> bool:
    return screening.standing(about) == rules.HELD


def waits(bill: Bill) -> bool:
    """Whether a person still looks at it, or at how it was to be paid: its time does not run out meanwhile."""
    return is_held(bill.about_ref) or find(PaymentCheck, bill_id=bill.id, state="held") is not None


def released(about: str) -> None:
    """The check is over: there is time to pay again, and the shopper is told. Safe to run twice."""
    known = find(Bill, about_ref=about, state="due")
    if known is None or screening.standing(about) != rules.CLEAR:
        return
    with transaction():
        give_time(load_locked(Bill, id=known.id))


def give_time(bill: Bill) -> None:
    """What held this bill is over: there is time to pay it, and its shopper is told. The caller holds its lock."""
    full = timedelta(hours=PAY_HOURS)
    if bill.is_("due") and bill.due_until < clock.now() + full / 2:
        bill.due_until = clock.now() + full
        door.record(CLOCK, bill, "extended", until=bill.due_until.isoformat())
    if bill.is_("due"):
        letters.tell_checked(bill)


def screen_placed(order_id: UUID) -> None:
    """The job after placing."""
    screen(load(Order, id=order_id))
