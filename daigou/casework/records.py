"""The record of an order for those concerned: what the log holds of it, each entry with its proof (S43).

The shopper sees the entries of the order that are theirs, the merchant those of what it sells in it. An entry that
names somebody else besides, or an amount that is another's, is handed out as its hash alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from compliance.audit import entry, log, record, searching
from compliance.audit.log import Proof, StoredCheckpoint
from compliance.audit.models import Entry, Leaf
from daigou.accounts.models import Merchant
from daigou.core.access import Actor, require
from daigou.core.db import db, load
from daigou.orders import reading
from daigou.orders.models import Order

from .rules import names_only

MOST: Final = 2_000
SHOWN: Final = (
    "order", "item", "bill", "attempt", "refund", "return", "dispute", "inspection", "price_change", "parcel",
    "release",
)  # fmt: skip
"""Whose entries an order's own people see. What screening or access control noted of it is not among them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry. ``proof`` is None until a checkpoint covers it; ``body`` where its bytes may be handed out."""

    at: Any
    kind: str
    change: str
    leaf_hash: bytes
    index: int | None
    proof: Proof | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    ref: str
    signed: StoredCheckpoint | None
    steps: Sequence[Step]


def of_shopper(actor: Actor, ref: str) -> OrderRecord:
    """NotFound for another's order."""
    order: Order = load(Order, ref=ref)
    require(actor, "order.view", order)
    return _record(order.ref, order.subject, Entry.subject == order.subject)


def of_merchant(actor: Actor, item_ref: str) -> OrderRecord:
    """Of what this merchant sells in the item's order; NotFound for another's item."""
    item = reading.item_of_merchant(actor, item_ref)
    shop = db.session.get_one(Merchant, item.merchant_id)
    return _record(item.order_ref, shop.subject, Entry.merchant_ref == shop.ref)


def file_of(found: OrderRecord) -> bytes:
    """What is downloaded: only what a signed tree covers."""
    if found.signed is None:
        return b""
    lines = [record.Line(entry.stamp(s.at), s.kind, s.proof, s.body) for s in found.steps if s.proof is not None]
    return record.write(found.ref, found.signed, lines)


def _record(ref: str, subject: str, theirs: ColumnElement[bool]) -> OrderRecord:
    """Two queries, and a few of the tree's nodes, however many entries."""
    statement = (
        select(Entry, Leaf.leaf_index)
        .outerjoin(Leaf, Leaf.entry_id == Entry.id)
        .where(Entry.order_ref == ref, theirs, func.split_part(Entry.kind, ":", 1).in_(SHOWN))
        .order_by(Entry.at, Entry.id)
        .limit(MOST)
    )
    rows = [(found, index) for found, index in db.session.execute(statement)]
    signed = log.latest_checkpoint(searching.reading())
    proofs = _proofs([index for _, index in rows], signed)
    return OrderRecord(ref, signed, [_step(found, index, proofs.get(index), subject) for found, index in rows])


def _proofs(indexes: Sequence[int | None], signed: StoredCheckpoint | None) -> dict[int | None, Proof]:
    covered = [index for index in indexes if index is not None and signed and index < signed.size]
    if not covered or signed is None:
        return {}
    return {proof.index: proof for proof in log.inclusion_proofs(searching.reading(), covered, signed.size)}


def _step(found: Entry, index: int | None, proof: Proof | None, subject: str) -> Step:
    raw = bytes(found.body)
    body = entry.decode(raw)
    facts = body["facts"]
    change = f"{facts['from']} → {facts['to']}" if "from" in facts and "to" in facts else ""
    ours = names_only(body, subject)
    return Step(found.at, found.kind, change, bytes(found.leaf_hash), index, proof, raw if ours else None)
