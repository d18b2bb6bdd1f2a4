"""The life of an order, a merchant, a person, a parcel or a case on one page: what happened, the money, the papers.

Every part is read by the streams of the page's own entries, so it costs the same few queries whatever it is about. No
personal data stands here: people are references until an officer asks for one with a reason (people.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door, references, searching
from compliance.audit.models import Entry
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, transaction
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.disputes.models import Dispute
from daigou.documents.models import StoredFile
from daigou.ledger.models import Account, Posting, Transaction
from daigou.orders.models import OrderItem
from daigou.payments.refunds.models import Refund
from daigou.shipping.models import Parcel, ParcelItem
from traceability.inspection.models import Inspection

from . import things
from .things import Thing

LINES: Final = 500
"""Postings and papers that one page shows."""
FACETS: Final = {"ORD": "order_ref", "PCL": "order_ref", "MER": "merchant_ref", "sub": "subject"}


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of the books: a debit is positive. ``account`` is its kind, ``owner`` whose it is."""

    at: datetime
    kind: str
    about: str
    account: str
    owner: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Whole:
    """A page of a life. ``facet`` is what it is searched and exported by, None for a case, which has streams."""

    ref: str
    facet: str | None
    thing: Thing | None
    page: Page
    things: Sequence[Thing]
    money: Sequence[Moved]
    papers: Sequence[StoredFile]
    tied: Sequence[str]

    @property
    def people(self) -> list[str]:
        """Everybody that the page's entries name, each once."""
        named = (who for e in self.page.rows for who in (e.subject, e.actor) if who and who.startswith("sub_"))
        return list(dict.fromkeys(named))


def whole(actor: Actor, ref: str, cursor: str | None = None, again: bool = False) -> Whole:
    """The life of whatever has this reference. NotFound. That it was looked at stands in the log, unless ``again``:
    the same look goes on."""
    require(actor, "audit.view")
    ref = references.reference(ref) or ""
    facet = FACETS.get(ref[:3])
    thing = None if ref.startswith("sub_") else things.by_ref(ref)
    entries = _entries(ref, facet, thing)
    page = keyset(entries, Entry.at, Entry.id, cursor=cursor, size=searching.LIFE_PAGE, descending=False)
    if not page.rows and cursor is None:
        raise _nothing()
    streams = sorted({entry.stream for entry in page.rows})
    if cursor is None and not again:
        with transaction():
            door.note(actor, f"audit/{actor.account_id or actor.subject}", "audit:viewed", about=ref)
    return Whole(ref, facet, thing, page, things.of_streams(streams), money(streams), papers(streams),
                 _tied(ref, page.rows))  # fmt: skip


def _entries(ref: str, facet: str | None, thing: Thing | None) -> Any:
    if facet:
        return select(Entry).where(getattr(Entry, facet) == ref)
    if thing is None:
        raise _nothing()
    return select(Entry).where(Entry.stream.in_(case_streams(thing)))


def case_streams(thing: Thing) -> list[str]:
    """The streams of a case and of what it is about: its item, inspections, refunds and payment; two queries."""
    row = db.session.get(things.models()[thing.kind], thing.id)
    item_id: UUID | None = getattr(row, "item_id", None)
    if isinstance(row, Dispute):
        refunds = select(Refund.id).where(Refund.attempt_id == row.attempt_id)
        more = [f"attempt/{row.attempt_id}", *(f"refund/{key}" for key in db.session.scalars(refunds))]
    elif item_id is not None:
        found = select(Refund.id).where(Refund.item_id == item_id)
        looked = select(Inspection.id).where(Inspection.item_id == item_id)
        more = [f"item/{item_id}", *(f"refund/{key}" for key in db.session.scalars(found)),
                *(f"inspection/{key}" for key in db.session.scalars(looked))]  # fmt: skip
    else:
        more = []
    return [thing.stream, *more]


def money(streams: Collection[str], most: int | None = LINES) -> list[Moved]:
    """What was posted on behalf of these, oldest first, in one query; without ``most`` all of it."""
    statement = (
        select(Transaction.created_at, Transaction.kind, Transaction.about, Account.kind, Account.owner,
               Posting.amount, Posting.currency)
        .join(Posting, Posting.transaction_id == Transaction.id)
        .join(Account, Account.id == Posting.account_id)
        .where(Transaction.about.in_(streams))
        .order_by(Transaction.created_at, Transaction.id, Posting.id)
        .limit(most)
    )  # fmt: skip
    return [Moved(*row[:5], Money(row[5], row[6])) for row in db.session.execute(statement)]


def papers(streams: Collection[str], most: int | None = LINES) -> Sequence[StoredFile]:
    """The files about these that are still kept, in one query; without ``most`` all of them."""
    kept = select(StoredFile).where(StoredFile.about.in_(streams), StoredFile.deleted_at.is_(None))
    return db.session.scalars(kept.order_by(StoredFile.id).limit(most)).all()


def _tied(ref: str, entries: Sequence[Entry]) -> list[str]:
    """The references that have a life of their own: those named beside it, and its parcels or orders; one query."""
    named = {r: None for e in entries for r in (e.order_ref, e.merchant_ref, e.subject) if r and r != ref}
    within = select(ParcelItem).subquery()
    if ref.startswith("ORD-"):
        joined = select(Parcel.ref).join(within, within.c.parcel_id == Parcel.id)
        joined = joined.where(within.c.item_id.in_(_items(entries)))
    elif ref.startswith("PCL-"):
        joined = select(OrderItem.order_ref).join(within, within.c.item_id == OrderItem.id)
        joined = joined.where(within.c.parcel_id.in_(_keys(entries, "parcel/")))
    else:
        return list(named)[:12]
    return list(named | dict.fromkeys(db.session.scalars(joined.limit(50))))[:24]


def _items(entries: Sequence[Entry]) -> list[UUID]:
    return _keys(entries, "item/")


def _keys(entries: Sequence[Entry], prefix: str) -> list[UUID]:
    return sorted({UUID(e.stream.removeprefix(prefix)) for e in entries if e.stream.startswith(prefix)})


def _nothing() -> NotFound:
    return NotFound("audit.nothing", lazy("The log knows nothing of this reference. Check how it is written."))
