"""An inspection: photos first, so that none is lost when something else is missing, then findings and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy, nlazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.orders.models import OrderItem
from traceability.inspection import templates
from traceability.inspection.models import Inspection
from traceability.inspection.rules import PHOTOS_AT_MOST, PHOTOS_NEEDED, Findings, objections
from traceability.inspection.templates import Template

PHOTO_LIMIT = 12 * 1024 * 1024
OBJECTIONS: Mapping[str, object] = {
    "missing": lazy("Say what this check found: pass, fail or not applicable."),
    "result": lazy("Choose pass, fail or not applicable."),
    "note": lazy("Write what is wrong, so that the shopper can decide."),
    "photos": nlazy(
        "At least %(num)d photo is needed. Take the missing ones.",
        "At least %(num)d photos are needed. Take the missing ones.",
        PHOTOS_NEEDED,
    ),
    "verdict": lazy("Choose a verdict."),
    "contradiction": lazy("A check failed, so the item is not as described. Choose another verdict."),
}


def waiting(actor: Actor, cursor: str | None) -> Page:
    """Items received and not inspected, the oldest first."""
    require(actor, "warehouse.work")
    statement = select(OrderItem).where(OrderItem.state == "received")
    return keyset(statement, OrderItem.state_since, OrderItem.id, cursor=cursor, descending=False)


def inspection_of(item: OrderItem) -> Inspection | None:
    """The item's latest inspection."""
    statement = select(Inspection).filter_by(item_id=item.id).order_by(Inspection.id.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def template_of(item: OrderItem) -> Template:
    return templates.for_category(item.category)


def photos_of(inspection: Inspection | None) -> list[StoredFile]:
    return documents.files_about(inspection.stream, "qc_photo") if inspection is not None else []


def photograph(actor: Actor, item_ref: str, uploads: Sequence[Any]) -> list[StoredFile]:
    """Keep photos of an item that is being inspected. The same picture sent twice is kept once.

    Invalid at ``photos`` for a wrong kind, a broken or too large file, or too many. Good ones before it are kept.
    """
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        inspection = _open(actor, item)
        known = {p.sha256 for p in photos_of(inspection)}
    for upload in uploads:
        with transaction():
            load_locked(Inspection, id=inspection.id)
            known |= {_keep(actor, inspection, upload, known).sha256}
    return photos_of(inspection)


def _keep(actor: Actor, inspection: Inspection, upload: Any, known: set[str]) -> Any:
    """The stored photo, or what was checked of it when it is there already."""
    if len(known) >= PHOTOS_AT_MOST:
        raise Invalid({"photos": nlazy("At most %(num)d photo.", "At most %(num)d photos.", PHOTOS_AT_MOST)})
    try:
        checked = documents.check(upload, allowed=documents.IMAGES, limit=PHOTO_LIMIT)
    except Invalid as refusal:
        raise Invalid({"photos": refusal.fields["file"]}, refusal.code) from refusal
    if checked.sha256 in known:
        checked.close()
        return checked
    return documents.store(
        actor,
        inspection.stream,
        inspection.subject,
        "transaction",
        "qc_photo",
        checked,
        allowed=documents.IMAGES,
        limit=PHOTO_LIMIT,
    )


def conclude(actor: Actor, item_ref: str, findings: Findings) -> Inspection:
    """Item -> inspected; the report follows by job. Invalid names every field that keeps it open."""
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        inspection = _open(actor, item)
        wanted = [c.key for c in template_of(item).checks]
        found = objections(findings, wanted, len(photos_of(inspection)))
        if found:
            raise Invalid({field: OBJECTIONS[code] for field, code in found})
        inspection.results = {
            k: {"result": f.result, "note": f.note} for k, f in findings.checks.items() if k in wanted
        }
        inspection.verdict, inspection.remarks = findings.verdict, findings.remarks
        inspection.concluded_at = clock.now()
        item.serial = findings.serial
        door.transition(actor, inspection, "conclude", verdict=findings.verdict)
        door.transition(actor, item, "inspect", verdict=findings.verdict, inspection=inspection.ref)
        outbox.put("inspection.concluded", inspection_id=inspection.id)
        return inspection


def _open(actor: Actor, item: OrderItem) -> Inspection:
    """The running inspection of a received item, begun now if there is none. The caller holds the item's lock."""
    require(actor, "item.inspect", item)
    if not item.is_("received"):
        raise Impossible("item.not_received", lazy("This item is not waiting for an inspection. Scan the next one."))
    known = inspection_of(item)
    if known is not None and known.is_("open"):
        return load_locked(Inspection, id=known.id)
    row = Inspection(
        ref=ids.new_ref("QC"),
        item_id=item.id,
        item_ref=item.ref,
        order_ref=item.order_ref,
        merchant_ref=item.merchant_ref,
        subject=item.subject,
        template=template_of(item).name,
        inspector_id=actor.account_id,
    )
    door.created(actor, row, template=row.template)
    db.session.flush()
    return row


def item_to_inspect(actor: Actor, item_ref: str) -> OrderItem:
    require(actor, "warehouse.work")
    return load(OrderItem, ref=item_ref)
