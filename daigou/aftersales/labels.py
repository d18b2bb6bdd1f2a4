"""Labels for the way back of returns that are upheld: bought by a job, paid and insured by us."""

from __future__ import annotations

import io
from uuid import UUID

from compliance.audit import door
from daigou.core import outbox
from daigou.core.access import Actor, system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders.models import OrderItem
from daigou.providers.carrier import Rejected
from daigou.shipping import returning
from daigou.shipping.models import Parcel

from . import news, owing, papers, rules
from .models import ReturnCase, ReturnLabel

SYSTEM = system("aftersales")
LIMIT = 10 * 1024 * 1024


def want(case: ReturnCase, item: OrderItem) -> None:
    """Inside the approval: a label is bought where the way back is ours and the item came in a parcel of ours."""
    parcel = owing.parcel_of(item) if rules.label_is_ours(case.reason, case.item_state) else None
    if parcel is None:
        return
    row = ReturnLabel(case_id=case.id, parcel_id=parcel.id, order_ref=case.order_ref, currency=item.currency)
    door.created(SYSTEM, row, case=case.ref, parcel=parcel.ref)
    db.session.flush()
    outbox.put("return.label", label_id=row.id)


def buy(label_id: UUID) -> None:
    """Ask the carrier. Run again, it goes on with what was bought; what the carrier refuses, support hears of."""
    with transaction():
        row = load(ReturnLabel, id=label_id)
        case = load(ReturnCase, id=row.case_id)
        parcel, item = load(Parcel, id=row.parcel_id), load(OrderItem, id=case.item_id)
    if not row.is_("wanted") or not case.is_("approved"):
        return
    try:
        back = returning.buy(parcel, item, case.ref)
    except Rejected as refused:
        _fail(label_id, refused.code)
        return
    if back is None:
        _fail(label_id, "no_line")
    else:
        _keep(label_id, back)


def _keep(label_id: UUID, back: returning.Back) -> None:
    with transaction():
        row = load_locked(ReturnLabel, id=label_id)
        case = load(ReturnCase, id=row.case_id)
        if not row.is_("wanted"):
            return
        row.label_file_id = _file(case, back.label).id
        row.shipment_id, row.tracking_code = back.bought.shipment_id, back.bought.tracking_code
        row.freight_minor, row.premium_minor = back.freight.minor, back.premium.minor
        row.insured_minor = back.insured.minor
        door.transition(SYSTEM, row, "buy", code=row.tracking_code, insured=str(back.insured))
        lines = [debit("compensation", back.freight + back.premium), credit("carrier_payable", back.freight)]
        lines += [credit("premium_held", back.premium)]
        post(SYSTEM, row, "return_freight", f"return_label:{row.id}", lines, case=case.ref)
        news.label_made(case)


def _file(case: ReturnCase, content: bytes) -> StoredFile:
    return documents.store(
        SYSTEM, case.stream, case.subject, "transaction", papers.LABEL, io.BytesIO(content), allowed=documents.PAPERS,
        limit=LIMIT,
    )  # fmt: skip


def _fail(label_id: UUID, code: str) -> None:
    with transaction():
        row = load_locked(ReturnLabel, id=label_id)
        if row.is_("wanted"):
            row.refusal = code[:80]
            door.transition(SYSTEM, row, "fail", code=row.refusal)
            news.label_failed(load(ReturnCase, id=row.case_id))


def of_case(case: ReturnCase) -> ReturnLabel | None:
    return find(ReturnLabel, case_id=case.id)


def file_of(case: ReturnCase) -> StoredFile | None:
    """The label to print."""
    return next(iter(documents.files_about(case.stream, papers.LABEL)), None)


def claim_loss(actor: Actor, case: ReturnCase) -> None:
    """Inside the decision that it was lost on its way back: the insurer of the label owes us what it was insured for.

    Impossible without a label of ours: then nobody but the sender knows where it is.
    """
    row = of_case(case)
    if row is None or not row.is_("bought"):
        raise Impossible("return.no_label", lazy("It was not sent on a label of ours, so its loss is not ours either."))
    row = load_locked(ReturnLabel, id=row.id)
    owed: Money = row.insured
    lines = [debit("insurance_claim", owed, row.parcel_id), credit("compensation", owed)]
    post(actor, row, "insurance_claimed", f"return_label:{row.id}:lost", lines, case=case.ref)
