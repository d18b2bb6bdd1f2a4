"""What speaks for us, gathered from every room: purchase receipt, inspection, tracking, and what was said and done."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.accounts.models import Account
from daigou.aftersales import rules as returns
from daigou.aftersales.models import ReturnCase
from daigou.conversations import service as conversations
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.i18n import format_money
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.orders.models import Bill, Order, OrderItem
from daigou.payments.paying.models import Attempt
from daigou.providers import typesetting
from daigou.shipping.models import Parcel, ParcelItem, TrackingEvent
from traceability.inspection.models import Inspection

from . import rules
from .models import Dispute

SYSTEM = system("disputes")
KIND = "dispute_evidence"
MEDIA = frozenset({"application/pdf", "image/png", "image/jpeg"})
LINES = 400  # of one list: a bank reads no more


@dataclass(frozen=True, slots=True)
class Matter:
    """All that a case is about, loaded once."""

    dispute: Dispute
    attempt: Attempt
    account: Account
    items: Sequence[OrderItem]
    parcels: Sequence[Parcel]
    scans: Sequence[TrackingEvent]
    inspections: Sequence[Inspection]
    returns: Sequence[ReturnCase]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file for one of the provider's fields; ``file`` is a stored one that is sent as it is."""

    field: str
    name: str
    content: bytes = b""
    file: StoredFile | None = None


def assemble(dispute_id: UUID) -> None:
    """Gather what there is, once; an officer may still change the words. The texts are English: banks read them."""
    row = load(Dispute, id=dispute_id)
    if row.assembled_at is not None:
        return
    matter = _matter(row)
    texts, papers = _texts(matter), list(_papers(matter))
    with transaction():
        row = load_locked(Dispute, id=dispute_id)
        if row.assembled_at is not None:
            return
        row.evidence = rules.trimmed(texts)
        row.papers = [_kept(row, paper) for paper in papers]
        row.assembled_at = clock.now()
        names = [paper["field"] for paper in row.papers]
        door.record(SYSTEM, row, "assembled", dispute=row.ref, papers=names, texts=sorted(row.evidence))


def _kept(row: Dispute, paper: Paper) -> dict[str, Any]:
    file = paper.file or documents.store(
        SYSTEM,
        row.stream,
        row.subject,
        "transaction",
        KIND,
        io.BytesIO(paper.content),
        allowed=documents.PAPERS,
        limit=rules.ALL_PAPERS,
    )
    return {"field": paper.field, "file": str(file.id), "name": paper.name, "size": file.size}


# ---- loading


def _matter(row: Dispute) -> Matter:
    attempt = db.session.get_one(Attempt, row.attempt_id)
    items = _items(attempt)
    keys = [item.id for item in items]
    parcels = _parcels(attempt, keys)
    scans = select(TrackingEvent).where(TrackingEvent.parcel_id.in_([p.id for p in parcels])).order_by(TrackingEvent.at)
    looked = select(Inspection).where(Inspection.item_id.in_(keys), Inspection.state == "concluded")
    cases = select(ReturnCase).where(ReturnCase.item_id.in_(keys)).order_by(ReturnCase.created_at)
    return Matter(
        row,
        attempt,
        db.session.get_one(Account, row.account_id),
        items,
        parcels,
        _all(scans.limit(LINES)),
        _all(looked.order_by(Inspection.concluded_at)),
        _all(cases),
    )


def _all(statement: Any) -> Sequence[Any]:
    return db.session.execute(statement).scalars().all()


def _items(attempt: Attempt) -> Sequence[OrderItem]:
    """Of a goods bill its order's, of a freight bill its parcel's."""
    bill = db.session.get_one(Bill, attempt.bill_id)
    which = select(OrderItem).order_by(OrderItem.order_ref, OrderItem.line_no)
    if bill.order_id is not None:
        return _all(which.where(OrderItem.order_id == bill.order_id))
    if bill.parcel_id is None:  # a cover's, which names its order alone
        return _all(which.join(Order, Order.id == OrderItem.order_id).where(Order.ref == bill.about_ref))
    inside = select(ParcelItem.item_id).where(ParcelItem.parcel_id == bill.parcel_id, ParcelItem.removed_at.is_(None))
    return _all(which.where(OrderItem.id.in_(inside)))


def _parcels(attempt: Attempt, item_ids: list[UUID]) -> Sequence[Parcel]:
    inside = select(ParcelItem.parcel_id).where(ParcelItem.item_id.in_(item_ids), ParcelItem.removed_at.is_(None))
    return _all(select(Parcel).where(Parcel.id.in_(inside)).order_by(Parcel.created_at))


# ---- words


def _texts(m: Matter) -> dict[str, str]:
    sent = next((p for p in m.parcels if p.tracking_code), None)
    goods = [f"{item.title} x {item.quantity}" for item in m.items]
    texts = {
        "product_description": _about(m, goods),
        "customer_name": str(m.account.name or ""),
        "customer_email_address": str(m.account.email or ""),
        "service_date": _day(next((i.purchased_at for i in m.items if i.purchased_at), None)),
        "uncategorized_text": _story(m),
        "refund_policy_disclosure": _policy(m),
        "refund_refusal_explanation": _refusal(m),
    }
    if sent is not None:
        texts |= {
            "shipping_address": _address(sent),
            "shipping_carrier": str(sent.line_code or ""),
            "shipping_date": _day(sent.shipped_at),
            "shipping_tracking_number": str(sent.tracking_code),
        }
    return texts


def _about(m: Matter, goods: list[str]) -> str:
    return (
        f"Order {m.dispute.order_ref}, paid {format_money(m.attempt.amount)} on {_moment(m.attempt.created_at)}. "
        "We are a proxy-buying service: we buy what the customer chose from a shop abroad, inspect it in our "
        f"warehouse, and send it on. Bought for this payment: {'; '.join(goods)}."
    )


def _address(parcel: Parcel) -> str:
    lines = parcel.consignee if isinstance(parcel.consignee, dict) else {}
    order = ("name", "street", "postal_code", "city", "region", "country")
    return ", ".join(str(lines[name]) for name in order if lines.get(name))


def _policy(m: Matter) -> str:
    order = find(Order, id=m.items[0].order_id) if m.items else None
    window = returns.window(order.country if order else "", clock.today())
    return (
        f"Shown beside the pay button and before the order was placed: returns within {window.days} days after "
        "delivery (free of charge when goods are not as described or damaged); before we have bought the goods, an "
        f"order can be cancelled for a full refund. Basis: {window.source}."
    )


def _refusal(m: Matter) -> str:
    if not m.returns:
        return "The customer did not ask us for a return or a refund before going to the bank."
    said = (f"{_moment(c.created_at)}: return {c.ref} ({c.reason}), {c.state}. {c.ruling}".strip() for c in m.returns)
    return "Returns that the customer opened: " + " ".join(said)


def _story(m: Matter) -> str:
    lines = [f"{when} UTC  {what}" for when, what in _history(m)]
    return "What happened, from our append-only log:\n" + "\n".join(lines)


def _history(m: Matter) -> list[tuple[str, str]]:
    """Every step of the order, its items, parcels and payment, from the log."""
    streams = [m.attempt.stream, *(x.stream for group in (m.items, m.parcels, m.inspections, m.returns) for x in group)]
    statement = (
        select(Entry.at, Entry.kind)
        .where(Entry.stream.in_(streams), Entry.kind.not_like("%:posted:%"), Entry.outcome == "done")
        .order_by(Entry.at, Entry.id)
        .limit(LINES)
    )
    return [(_moment(at), kind.replace(":", " ").replace("_", " ")) for at, kind in db.session.execute(statement)]


# ---- papers


def _papers(m: Matter) -> Iterable[Paper]:
    left = rules.ALL_PAPERS
    for paper in (_receipt(m), _inspection(m), _tracking(m), _messages(m)):
        size = 0 if paper is None else paper.file.size if paper.file else len(paper.content)
        if paper is not None and size <= left:
            left -= size
            yield paper


def _receipt(m: Matter) -> Paper | None:
    """What our merchant paid for it, as bought."""
    for item in m.items:
        file = find(StoredFile, id=item.receipt_file_id) if item.receipt_file_id else None
        if file is not None and file.media_type in MEDIA and file.size <= rules.ALL_PAPERS // 3:
            return Paper("receipt", f"receipt-{item.ref}", file=file)
    return None


def _inspection(m: Matter) -> Paper | None:
    """The inspection report as the customer got it; when it is too large for a bank, its findings alone."""
    if not m.inspections:
        return None
    file = find(StoredFile, id=m.inspections[-1].report_file_id) if m.inspections[-1].report_file_id else None
    if file is not None and len(m.inspections) == 1 and file.size <= rules.ALL_PAPERS // 2:
        return Paper("service_documentation", f"inspection-{m.inspections[0].ref}.pdf", file=file)
    rows = [
        (_moment(x.concluded_at), f"{x.item_ref}: {x.verdict} (plan {x.template}, report {x.ref}). {x.remarks}".strip())
        for x in m.inspections
    ]
    return Paper("service_documentation", "inspections.pdf", _typeset(m, "Inspection in our warehouse", rows))


def _tracking(m: Matter) -> Paper | None:
    if not m.scans:
        return None
    codes = {p.id: p.tracking_code or p.ref for p in m.parcels}
    rows = [
        (_moment(s.at), f"{codes[s.parcel_id]}: {s.status}. {s.message} {s.city} {s.country}".strip()) for s in m.scans
    ]
    return Paper("shipping_documentation", "tracking.pdf", _typeset(m, "Tracking, as the carrier reported it", rows))


def _messages(m: Matter) -> Paper | None:
    """What was written about it, between customer, merchant and us, and what we answered."""
    rows = [
        (_moment(said.created_at), f"{said.author.capitalize()}, conversation {talk.ref}: {said.body}")
        for talk, said in conversations.transcript(sorted({item.order_ref for item in m.items}))[:LINES]
    ]
    for case in m.returns:
        rows.append((_moment(case.created_at), f"Customer, return {case.ref} ({case.reason}): {case.story}"))
        if case.ruling:
            rows.append((_moment(case.state_since), f"Our answer: {case.ruling} (return {case.state})"))
    rows += [(when, what) for when, what in _history(m)]
    return Paper("customer_communication", "history.pdf", _typeset(m, "What was said and done", rows)) if rows else None


def _typeset(m: Matter, heading: str, rows: Sequence[tuple[str, str]]) -> bytes:
    template = (files("daigou.disputes") / "evidence.typ").read_text()
    facts = [
        ["Order", m.dispute.order_ref],
        ["Payment", f"{m.attempt.charge_id}, {format_money(m.attempt.amount)}"],
        ["Case", f"{m.dispute.ref}, {m.dispute.provider_id}"],
    ]
    return typesetting.pdf(template, {"heading": heading, "facts": facts, "rows": [list(row) for row in rows]})


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""
