"""What stands in the way of an erasure: open business, legal holds, and the time that the law says.

Open business refuses it. Holds and the law do not: they say what stays for now, until when, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import STAFF, Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from . import retention
from .models_requests import LegalHold
from .purposes import PURPOSES
from .subject import Person, model_of, models, owned_by

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Open:
    """Rows of ``table`` in these states are business under way."""

    table: str
    states: tuple[str, ...]
    words: object


@dataclass(frozen=True, slots=True)
class Obstacle:
    """``refs`` names at most SHOWN of ``count`` things."""

    words: object
    refs: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Why a purpose is kept, until which day (None: as long as the hold stands)."""

    purpose: str
    until: date | None
    source: str
    is_hold: bool = False


# fmt: off
OPEN: Final = (
    Open("order_items",
         ("payment_pending", "paid", "balance_due", "purchased", "received", "inspected", "in_stock", "in_parcel",
          "shipped", "delivered", "return_requested"), lazy("Items that are not delivered and settled yet")),
    Open("parcels",
         ("freight_pending", "freight_paid", "packed", "shipped", "in_transit", "customs", "customs_released",
          "out_for_delivery", "delivered", "returned", "lost", "damaged", "seized"),
         lazy("Parcels that have not arrived")),
    Open("return_cases", ("opened", "approved", "received", "refunding"), lazy("Returns that are not decided")),
    Open("covers", ("agreed", "paid", "active"), lazy("Warranties that are in force")),
    Open("warranty_claims",
         ("reported", "assigned", "arrived", "covered", "not_covered", "appealed", "repaired", "dismissed"),
         lazy("Defects that are being seen to")),
    Open("refunds", ("requested", "submitted", "failed", "bank_wanted", "bank_named", "bank_approved"),
         lazy("Money that is on its way back to you")),
    Open("payment_attempts", ("processing",), lazy("Payments that are under way")),
    Open("disputes", ("opened", "warning", "evidence_due", "submitting", "submitted"),
         lazy("Payments that a bank disputes")),
    Open("applications", ("submitted", "in_review"), lazy("An application that is being looked at")),
)
# fmt: on
TRADE: Final = ("orders", "bills", "payment_attempts", "parcels", "refunds", "disputes", "invoices", "bank_details")
_WALLETS: Final = ("wallet", "wallet_held")


def obstacles(person: Person) -> list[Obstacle]:
    """Open business, each kind with the references that the person knows."""
    found = [seen for kind in OPEN if (seen := _open(kind, person))]
    return [*found, *_money(person), *_work(person)]


def _open(kind: Open, person: Person) -> Obstacle | None:
    model = models()[kind.table]
    rows = select(model).where(owned_by(model, person), model.state.in_(kind.states)).order_by(model.id)
    seen = db.session.scalars(rows.limit(SHOWN)).all()
    if not seen:
        return None
    count = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    return Obstacle(kind.words, tuple(str(getattr(row, "ref", "")) for row in seen if hasattr(row, "ref")), count)


def _money(person: Person) -> Iterator[Obstacle]:
    accounts, balances = (model_of(name).__table__ for name in ("ledger_accounts", "ledger_balances"))
    held = (
        select(accounts.c.code)
        .join(balances, balances.c.account_id == accounts.c.id)
        .where(accounts.c.owner == str(person.account_id), accounts.c.kind.in_(_WALLETS))
        .group_by(accounts.c.code)
        .having(func.sum(balances.c.balance) != 0)
    )
    count = len(db.session.scalars(held).all())
    if count:
        yield Obstacle(lazy("Money that lies with us as your balance"), (), count)


def _work(person: Person) -> Iterator[Obstacle]:
    """Who owns a shop or works here is no shopper alone: that ends first."""
    members = model_of("merchant_members")
    owner = select(members.id).where(members.account_id == person.account_id, members.role == "owner")
    if db.session.scalars(owner).first():
        yield Obstacle(lazy("A shop that is yours: have it closed first"), (), 1)
    if STAFF & set(db.session.get_one(model_of("accounts"), person.account_id).roles):
        yield Obstacle(lazy("You work here: an administrator ends that first"), (), 1)


def stays(person: Person) -> dict[str, Stay]:
    """What must be kept for now, by purpose; what is in no row goes at once. Unavailable where no rule is in force."""
    found = {row.purpose: row for row in (_trade(person), _identity(person)) if row}
    for hold in holds_on(person.subject):
        for purpose in hold.purposes:
            found[purpose] = Stay(purpose, None, hold.reason, is_hold=True)
    return found


def lawful_until(person: Person, purpose: str) -> tuple[date, str]:
    """The day that the law names, holds aside; today where it names none."""
    found = {"transaction": _trade, "identity": _identity}.get(purpose, lambda _person: None)(person)
    return (found.until or clock.today(), found.source) if found else (clock.today(), "")


def _trade(person: Person) -> Stay | None:
    last = max(filter(None, (_last(name, person) for name in TRADE)), default=None)
    if last is None:
        return None
    rule = retention.days_of("transactions", person.country)
    until = last + timedelta(days=rule.days)
    return Stay("transaction", until, rule.source) if until > clock.today() else None


def _last(table: str, person: Person) -> date | None:
    model = models()[table]
    moment = db.session.scalar(select(func.max(model.created_at)).where(owned_by(model, person)))
    return moment.date() if moment else None


def _identity(person: Person) -> Stay | None:
    """Images have their own days, which the room of identity counts; the key lives until the last of them."""
    checks = model_of("identity_checks")
    last = select(func.max(func.greatest(checks.document_until, checks.face_until)))
    until = db.session.scalar(last.where(owned_by(checks, person)))
    words = "Retention of identity papers in the person’s country (retention_rules)"
    return Stay("identity", until, words) if until and until > clock.today() else None


def holds_on(subject: str) -> Sequence[Any]:
    """The legal holds that stand."""
    rows = select(LegalHold).where(LegalHold.subject == subject, LegalHold.state == "placed")
    return db.session.scalars(rows.order_by(LegalHold.id)).all()


def all_of(subject: str) -> Sequence[Any]:
    return db.session.scalars(select(LegalHold).where(LegalHold.subject == subject).order_by(LegalHold.id)).all()


def place(actor: Actor, subject: str, purposes: Sequence[str], reason: str) -> LegalHold:
    """Forbid destruction. The reason is shown to the person when they ask to be erased. Invalid by field."""
    require(actor, "privacy.keep")
    wrong: dict[str, object] = {}
    if not purposes or set(purposes) - set(PURPOSES):
        wrong["purposes"] = lazy("Choose what must be kept.")
    if not reason.strip():
        wrong["reason"] = lazy("Say which duty or claim this is for.")
    if wrong:
        raise Invalid(wrong)
    account_id: UUID | None = actor.account_id
    with transaction():
        load(model_of("accounts"), subject=subject)
        row = LegalHold(
            ref=ids.new_ref("HLD"), subject=subject, purposes=sorted(purposes), reason=reason.strip(),
            placed_by=account_id,
        )  # fmt: skip
        door.created(actor, row, purposes=list(row.purposes))
    return row


def release(actor: Actor, ref: str) -> None:
    """From now on only the law’s own time counts; the nightly job destroys what has had it."""
    with transaction():
        row = load_locked(LegalHold, ref=ref)
        row.released_by = actor.account_id
        door.transition(actor, row, "release")
