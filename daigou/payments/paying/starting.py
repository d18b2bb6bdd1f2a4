"""To the hosted page: the intent is written down first, then the provider is asked."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.addresses import service as addresses
from daigou.accounts.models import Account, Address
from daigou.core import clock, faults, outbox
from daigou.core.access import Actor, require
from daigou.core.config import Config
from daigou.core.db import db, in_transaction, load, load_locked, transaction
from daigou.core.errors import Impossible, Unavailable
from daigou.core.i18n import get_locale, lazy
from daigou.core.money import Money
from daigou.methods import rules as methods
from daigou.methods import service
from daigou.orders import screening
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.payments.actor import SYSTEM
from daigou.payments.provider import provider
from daigou.providers.payment import Consignee, HostedPage, PageOrder, Trouble, Unanswered

from . import pages, reading, rules, wallet, words
from .models import Attempt
from .watching import judging
from .watching.judging import Judgement

_CLOSED = {
    "paid": lazy("This bill is paid already."),
    "processing": lazy("A payment for this bill is on its way. You need not pay again."),
    "expired": lazy("The time to pay this bill is over. Nothing was charged."),
    "cancelled": lazy("This bill was cancelled. Nothing was charged."),
}


def start(actor: Actor, bill_ref: str, *, from_balance: bool = False, address_ref: str = "") -> str:
    """The address of the hosted page where this bill can be paid. Asked twice, it is the same page.

    With ``address_ref``, one of the payer's own, the page also offers the ways that want a delivery address, and the
    provider is told it; without, nothing of where the payer lives leaves us.
    With ``from_balance`` the shopper's balance pays what it can, and the page asks for the rest; where it pays all, the
    bill is settled and the address is the one that says so. Raises Impossible when the bill can't be paid any more,
    when the payment is so unlike its shopper's others that they must confirm it or a person must look, or when no way
    to pay takes its amount, Unavailable when the provider does not answer: the intent stands, the next call goes on.
    """
    if in_transaction():
        raise RuntimeError("the intent must be committed before the provider is asked")
    bill = reading.bill_for(actor, bill_ref)
    screening.require_clear(bill.about_ref)
    found = judging.require_usual(actor, bill)
    address = addresses.find(actor, address_ref) if address_ref else None
    attempt = _intend(actor, bill_ref, from_balance, address, found)
    if attempt.source == wallet.SOURCE:
        return _return_url(bill_ref)
    if attempt.url:
        return attempt.url
    try:
        faults.point("pay.before_call")
        page = provider().open_page(_order(attempt))
        faults.point("pay.after_effect")
    except Trouble as trouble:
        raise _give_up(attempt.id, trouble) from trouble
    return _open(attempt.id, page)


def _intend(actor: Actor, bill_ref: str, from_balance: bool, address: Address | None, found: Judgement) -> Attempt:
    """The attempt to go on with: one whose page is still good, or a new one. The bill's lock makes it one."""
    with transaction():
        faults.step("pay.intend")
        bill = load_locked(Bill, ref=bill_ref)
        require(actor, "bill.pay", bill)
        refuse_unpayable(bill)
        part = wallet.reserve(actor, bill) if from_balance else None
        if part is None:
            wallet.let_go(wallet.reserved_for(bill), "not_wanted")
        elif part.amount == bill.total:
            _pay_all(part, bill)
            return part
        rest = bill.total - part.amount if part else bill.total
        attempt = _reusable(bill, rest, part, address) or _create(actor, bill, rest, part, address, found)
        pages.close_others(bill.id, attempt.id)
        return attempt


def _pay_all(part: Attempt, bill: Bill) -> None:
    """The balance pays the whole bill: no provider is asked."""
    wallet.spend(part, rules.parts_of(bill.split, bill.currency))
    outbox.put("habit.learn", account_id=bill.account_id)
    db.session.flush()
    orders.settle_bill(SYSTEM, bill)
    pages.close_others(bill.id, part.id)


def refuse_unpayable(bill: Bill) -> None:
    """Impossible, in words, before any money moves."""
    if not bill.is_("due"):
        raise Impossible(f"bill.{bill.state}", _CLOSED[bill.state])
    if bill.due_until <= clock.now():
        raise Impossible("bill.expired", _CLOSED["expired"])
    if not load(Account, id=bill.account_id).is_("active"):
        words = lazy("This account is closed, so nothing can be paid for it. Write to support.")
        raise Impossible("bill.account", words)


def _reusable(bill: Bill, amount: Money, part: Attempt | None, address: Address | None) -> Attempt | None:
    statement = (
        select(Attempt)
        .where(
            Attempt.bill_id == bill.id,
            Attempt.source == "provider",
            Attempt.amount_minor == amount.minor,
            Attempt.wallet_attempt_id == (part.id if part else None),
            Attempt.address_id == (address.id if address else None),
            Attempt.state.in_(("intended", "open")),
            Attempt.expires_at > clock.now() + rules.USEFUL_PAGE,
        )
        .order_by(Attempt.created_at.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def _create(
    actor: Actor, bill: Bill, amount: Money, part: Attempt | None, address: Address | None, found: Judgement
) -> Attempt:
    need = reading.need_of(bill, amount, address=address is not None)
    attempt = Attempt(
        bill_id=bill.id,
        bill_ref=bill.ref,
        account_id=bill.account_id,
        subject=bill.subject,
        order_ref=bill.about_ref,
        locale=str(get_locale() or "en"),
        wallet_attempt_id=part.id if part else None,
        country=need.country,
        address_id=address.id if address else None,
        types=methods.types(service.ways_or_refuse(need)),
        points=found.score.points,
        signs=[sign.as_row() for sign in found.score.signs],
        currency=amount.currency,
        amount_minor=amount.minor,
        expires_at=rules.page_expiry(clock.now(), bill.due_until),
    )
    passed_on = {"address": address.ref} if address else {}  # its reference: what of it leaves us is on the record
    facts = {"bill": bill.ref, "amount": str(amount), "types": attempt.types, "points": attempt.points}
    door.created(actor, attempt, **facts, **passed_on)
    return attempt


def _order(attempt: Attempt) -> PageOrder:
    """Only from the row: a repeat under the same key must ask for the very same."""
    config: Config = current_app.extensions["config"]
    return PageOrder(
        key=attempt.idempotency_key,
        attempt_id=str(attempt.id),
        bill_ref=attempt.bill_ref,
        amount=attempt.amount,
        title=attempt.order_ref,
        locale=attempt.locale,
        expires_at=attempt.expires_at,
        success_url=_return_url(attempt.bill_ref),
        cancel_url=f"{config.base_url}/bills/{attempt.bill_ref}",
        types=tuple(attempt.types),
        country=attempt.country,
        consignee=_consignee(attempt),
    )


def _consignee(attempt: Attempt) -> Consignee | None:
    """Name and place of the address that the payer chose, and no more of it: neither phone nor mail nor tax number."""
    row = db.session.get(Address, attempt.address_id) if attempt.address_id else None
    if row is None:
        return None
    kept = {name: str(row.content.get(name) or "") for name in ("name", "street", "city", "postal_code", "region")}
    return Consignee(**kept, country=row.country)


def _return_url(bill_ref: str) -> str:
    config: Config = current_app.extensions["config"]
    return f"{config.base_url}/payments/{bill_ref}/return"


def _open(attempt_id: UUID, page: HostedPage) -> str:
    with transaction():
        faults.step("pay.open")
        attempt = load_locked(Attempt, id=attempt_id)
        if attempt.is_("intended"):
            attempt.session_id, attempt.url = page.id, page.url
            door.transition(SYSTEM, attempt, "open", session=page.id)
            if not load(Bill, id=attempt.bill_id).is_("due"):  # it ended while the provider was asked
                outbox.put("payment.close", attempt_id=attempt.id)
    return page.url


def _give_up(attempt_id: UUID, trouble: Trouble) -> Exception:
    """What to tell the payer. After a definite no, or a 500 that the key remembers, the next click starts anew."""
    if not isinstance(trouble, Unanswered) or trouble.answered:
        with transaction():
            attempt = load_locked(Attempt, id=attempt_id)
            if attempt.is_("intended"):
                attempt.refusal = trouble.code[:80]
                door.transition(SYSTEM, attempt, "fail", code=attempt.refusal)
                wallet.let_go(wallet.partner_of(attempt), "payment_over")
    if isinstance(trouble, Unanswered):
        return Unavailable(
            "payment.unavailable",
            lazy("The payment provider does not answer. Nothing was charged and your order waits: try in a minute."),
        )
    return Impossible("payment.refused", words.not_taken(trouble.code))
