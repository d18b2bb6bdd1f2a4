"""What goes into a legal pack: the timeline, the money, tracking, messages and papers of one order or parcel.

All of it, however long the case: the timeline goes through a file a few hundred entries at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import select

from compliance.audit import entry
from compliance.audit.models import Entry
from daigou.aftersales.models import ReturnCase
from daigou.core import clock
from daigou.core.db import db, keyset
from daigou.core.i18n import _, format_moment
from daigou.core.zones import UTC
from daigou.documents.models import StoredFile
from daigou.notices.service import speaking
from daigou.orders.models import Order, OrderItem
from daigou.providers import typesetting
from daigou.shipping.models import Parcel, ParcelItem, TrackingEvent

from . import life
from .models import LegalPack

TEMPLATE: Final = Path(__file__).with_name("cover.typ")
AT_ONCE: Final = 500
ON_PAPER: Final = 400
PAPERS: Final = frozenset(
    ("receipt", "qc_report", "customs_form", "invoice", "label", "return_photo", "qc_photo", "dispute_evidence",
     "warranty_photo")
)
"""Kinds of documents that matter to a case. Identity papers are not among them."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Plain values, ready to be written. ``begin`` are the first entries, for paper; all of them are in the file."""

    begin: list[dict[str, Any]]
    entries: int
    money: list[list[str]]
    tracking: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    papers: Sequence[StoredFile]


def gather(row: LegalPack, timeline: IO[bytes]) -> Contents:
    """Everything of the case; its entries are written into ``timeline`` as a JSON list. Six queries, and one for each
    AT_ONCE entries."""
    begin, streams, count = [], set(), 0
    for told in _entries(row.order_ref):
        begin += [told] if count < ON_PAPER else []
        timeline.write((b",\n" if count else b"[\n") + json.dumps(told, ensure_ascii=False).encode())
        streams.add(told["stream"])
        count += 1
    timeline.write(b"\n]\n" if count else b"[]\n")
    parcels = _parcels(row.order_ref)
    wide = sorted(streams | {parcel.stream for parcel in parcels})
    papers = [file for file in life.papers(wide, most=None) if file.kind in PAPERS]
    return Contents(begin, count, _money(wide), _scans(parcels), _messages(row.order_ref), papers)


def _entries(order_ref: str) -> Iterator[dict[str, Any]]:
    """The case's entries by their time, page by page."""
    cursor, mine = None, select(Entry).where(Entry.order_ref == order_ref)
    while True:
        page = keyset(mine, Entry.at, Entry.id, cursor=cursor, size=AT_ONCE, descending=False)
        for found in page.rows:
            yield _told(found)
            db.session.expunge(found)
        cursor = page.next
        if cursor is None:
            return


def _parcels(order_ref: str) -> Sequence[Parcel]:
    """Those of an order's items; of a parcel's reference the parcel itself."""
    if order_ref.startswith("PCL-"):
        return db.session.scalars(select(Parcel).where(Parcel.ref == order_ref)).all()
    items = select(OrderItem.id).join(OrderItem.order).where(Order.ref == order_ref)
    inside = select(ParcelItem.parcel_id).where(ParcelItem.item_id.in_(items), ParcelItem.removed_at.is_(None))
    return db.session.scalars(select(Parcel).where(Parcel.id.in_(inside)).order_by(Parcel.created_at)).all()


def _told(found: Entry) -> dict[str, Any]:
    body = entry.decode(bytes(found.body))
    return {name: body[name] for name in ("at", "kind", "stream", "no", "actor", "facts")} | {
        "leaf_hash": bytes(found.leaf_hash).hex()
    }


def _money(streams: Sequence[str]) -> list[list[str]]:
    """A statement of postings with its head; debits are positive."""
    head = ["time", "kind", "about", "account", "owner", "currency", "amount"]
    rows = [
        [line.at.isoformat(), line.kind, line.about, line.account, line.owner or "", line.amount.currency,
         str(line.amount.decimal)]
        for line in life.money(streams, most=None)
    ]  # fmt: skip
    return [head, *rows]


def _scans(parcels: Sequence[Parcel]) -> list[dict[str, Any]]:
    refs = {parcel.id: parcel.ref for parcel in parcels}
    scans = select(TrackingEvent).where(TrackingEvent.parcel_id.in_(refs)).order_by(TrackingEvent.at)
    return [
        {"parcel": refs[s.parcel_id], "at": s.at.isoformat(), "status": s.status, "message": s.message,
         "place": f"{s.city} {s.country}".strip()}
        for s in db.session.scalars(scans)
    ]  # fmt: skip


def _messages(order_ref: str) -> list[dict[str, Any]]:
    """What the shopper wrote about returns of this order, and what was answered."""
    items = select(OrderItem.id).join(OrderItem.order).where(Order.ref == order_ref)
    cases = select(ReturnCase).where(ReturnCase.item_id.in_(items)).order_by(ReturnCase.created_at)
    return [
        {"case": c.ref, "at": c.created_at.isoformat(), "reason": c.reason, "shopper": c.story, "state": c.state,
         "answer": c.ruling, "answered": c.state_since.isoformat()}
        for c in db.session.scalars(cases)
    ]  # fmt: skip


def cover(row: LegalPack, found: Contents) -> bytes:
    """The first page and the timeline for paper, in the language that was chosen."""
    with speaking(row.locale, UTC):
        paid = found.money[1 : ON_PAPER + 1]
        papers = [[f.kind, f.ref, f.sha256] for f in found.papers] if row.with_people else []
        data = {
            "title": _("Record of %(about)s", about=row.about_ref),
            "lines": [
                [_("Pack"), row.ref], [_("Order or parcel"), row.order_ref], [_("What for"), row.reason],
                [_("Made"), format_moment(clock.now())], [_("Entries of the log"), str(found.entries)],
                [_("Personal data"), _("included") if row.with_people else _("left out")],
            ],
            "how": [
                _("manifest.json names every file with its SHA-256; manifest.note is signed over it by the log's key."),
                _("trail.zip proves by itself that no entry was changed, left out or moved: “daigou audit verify”."),
                _("Amounts in money.csv are postings of our books: a debit is positive."),
            ],
            "timeline": [
                [e["at"][:19].replace("T", " "), e["kind"], _change(e), e["leaf_hash"][:16]] for e in found.begin
            ],
            "money": [[r[0][:19].replace("T", " "), r[1], r[3], f"{r[5]} {r[6]}"] for r in paid],
            "papers": papers,
            "words": {"how": _("How to check it"), "timeline": _("What happened (UTC)"), "money": _("Money"),
                      "papers": _("Documents"), "none": _("None.")},
        }  # fmt: skip
    return typesetting.pdf(TEMPLATE.read_text(), data)


def _change(told: dict[str, Any]) -> str:
    facts = told["facts"]
    return f"{facts['from']} → {facts['to']}" if "from" in facts and "to" in facts else ""
