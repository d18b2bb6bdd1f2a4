"""The shopper's side of a claim: a defect is reported, an answer given to a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.inspection import IMAGES
from daigou.documents.models import StoredFile
from daigou.orders.models import Order, OrderItem

from . import covering, news, papers, partners, rules, terms
from .covering import SYSTEM
from .models import Cover, RepairPartner, WarrantyClaim

PHOTO_LIMIT = 10 * 1024 * 1024
PHOTOS_MOST = 6
_NOTHING = lazy("Nothing covers this item today. Your rights against the seller by law stay as they are: write to us.")


@dataclass(frozen=True, slots=True)
class Report:
    """What is broken, in the shopper's words and photos."""

    story: str
    photos: Sequence[Any] = ()


def report(actor: Actor, item_ref: str, told: Report) -> WarrantyClaim:
    """A defect of an item of one's own. The partner of the shopper's country gets it at once, else support chooses.

    Raises Impossible where nothing covers the item today or a claim is open, Invalid at ``photos`` for a bad file.
    """
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        require(actor, "warranty.report", item)
        cover = refuse_uncovered(item)
        claim = _claim(item, cover, told)
        door.created(actor, claim, claim=claim.ref, item=item.ref, cover=cover.ref, kind=cover.kind)
        db.session.flush()
        _keep_photos(actor, claim, told.photos)
        partner = partners.choose(claim.category, claim.country)
        if partner is not None:
            give_to(SYSTEM, claim, partner)
    return claim


def refuse_uncovered(item: OrderItem) -> Cover:
    """The cover that a defect of today falls under; Impossible, in words, where there is none."""
    if open_claim(item) is not None:
        raise Impossible("warranty.open", lazy("A defect of this item was reported already."))
    if not item.is_(*rules.REPORTABLE):
        raise Impossible("warranty.state", lazy("A defect can be reported once the item has arrived."))
    covering.begin_official(item)
    cover = covering.in_force(item, clock.today())
    if cover is None:
        raise Impossible("warranty.none", _NOTHING)
    return cover


def may_report(item: OrderItem, day: date) -> bool:
    """Whether the page offers to report a defect. The official warranty may not be written down yet."""
    if not item.is_(*rules.REPORTABLE) or open_claim(item) is not None or item.delivered_at is None:
        return False
    if covering.in_force(item, day) is not None:
        return True
    delivered = item.delivered_at.date()
    term = terms.term_for(item.category, item.condition, delivered)
    return term is not None and day <= delivered + timedelta(days=term.days)


def open_claim(item: OrderItem) -> WarrantyClaim | None:
    statement = select(WarrantyClaim).where(WarrantyClaim.item_id == item.id, WarrantyClaim.state.in_(rules.OPEN))
    return db.session.execute(statement).scalar_one_or_none()


def _claim(item: OrderItem, cover: Cover, told: Report) -> WarrantyClaim:
    claim = WarrantyClaim(
        ref=ids.new_ref("WAR"),
        cover_id=cover.id,
        item_id=item.id,
        account_id=item.account_id,
        subject=item.subject,
        order_ref=item.order_ref,
        merchant_ref=item.merchant_ref,
        title=item.title,
        category=item.category,
        country=db.session.get_one(Order, item.order_id).country,
        due=clock.now() + rules.ASSIGN_WITHIN,
    )
    claim.story = told.story
    return claim


def _keep_photos(actor: Actor, claim: WarrantyClaim, photos: Sequence[Any]) -> None:
    if len(photos) > PHOTOS_MOST:
        raise Invalid({"photos": lazy("Choose at most six photos.")})
    for photo in photos:
        try:
            documents.store(
                actor, claim.stream, claim.subject, "conversation", papers.PHOTO, photo, allowed=IMAGES,
                limit=PHOTO_LIMIT,
            )  # fmt: skip
        except Invalid as refused:
            raise Invalid({"photos": next(iter(refused.fields.values()))}) from refused


def give_to(actor: Actor, claim: WarrantyClaim, partner: RepairPartner) -> None:
    """The shopper is told where to send it, and that we pay for that. The caller holds the claim's lock or made it."""
    claim.partner_id = partner.id
    claim.due = clock.now() + rules.SEND_WITHIN
    door.transition(actor, claim, "assign", partner=partner.ref)
    news.moved(claim)


# ---- the shopper's answers


def withdraw(actor: Actor, ref: str) -> WarrantyClaim:
    """It works after all, before it has arrived anywhere."""
    return _answer(actor, ref, "withdraw")


def agree(actor: Actor, ref: str) -> WarrantyClaim:
    """The refusal is accepted: the item comes back at our cost."""
    return _answer(actor, ref, "agree")


def appeal(actor: Actor, ref: str, objection: str) -> WarrantyClaim:
    """A second look by an officer, who has seen nothing of it so far."""
    return _answer(actor, ref, "appeal", objection)


_NEXT = {"appeal": rules.RULE_WITHIN, "agree": rules.RETURN_WITHIN}


def _answer(actor: Actor, ref: str, move: str, objection: str = "") -> WarrantyClaim:
    with transaction():
        claim: WarrantyClaim = load_locked(WarrantyClaim, ref=ref)
        if objection:
            claim.objection = objection
        if move in _NEXT:
            claim.due = clock.now() + _NEXT[move]
        door.transition(actor, claim, move)
    return claim


# ---- reading


def item_of(actor: Actor, item_ref: str) -> OrderItem:
    item: OrderItem = load(OrderItem, ref=item_ref)
    require(actor, "warranty.report", item)
    return item


def view(actor: Actor, ref: str) -> WarrantyClaim:
    claim: WarrantyClaim = load(WarrantyClaim, ref=ref)
    require(actor, "warranty.view", claim)
    return claim


def partner_of(claim: WarrantyClaim) -> RepairPartner | None:
    return db.session.get(RepairPartner, claim.partner_id) if claim.partner_id else None


def cover_of(claim: WarrantyClaim) -> Cover:
    return db.session.get_one(Cover, claim.cover_id)


def photos_of(claim: WarrantyClaim) -> list[StoredFile]:
    return documents.files_about(claim.stream, papers.PHOTO)


def label_of(claim: WarrantyClaim) -> StoredFile | None:
    """The newest prepaid label for the way to the partner."""
    return max(documents.files_about(claim.stream, papers.LABEL), key=lambda file: file.id, default=None)


def of_item(item: OrderItem) -> list[WarrantyClaim]:
    """All claims of an item, the newest first."""
    statement = select(WarrantyClaim).filter_by(item_id=item.id).order_by(WarrantyClaim.created_at.desc()).limit(20)
    return list(db.session.execute(statement).scalars())
