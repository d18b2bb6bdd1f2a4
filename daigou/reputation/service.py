"""Reviews: written by who bought, answered once by the shop, decided by an officer where one is reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from compliance.audit import door
from daigou.accounts.models import Member
from daigou.core import clock, ids
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.orders.models import Order, OrderItem
from daigou.risk import service as risk
from daigou.risk import words as watch
from daigou.risk.models import RiskCase

from . import figures, letters, rules
from .models import Review

SYSTEM = system("reputation")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a buyer says: marks from 1 to 5, and words (may be empty)."""

    goods: int
    described: int
    communication: int
    dispatch: int
    words: str = ""


def review(actor: Actor, item_ref: str, opinion: Opinion) -> Review:
    """Say what an item and its shop were like, once, when the money has been released.

    Impossible before, after 90 days, a second time, and for those who work for the shop.
    """
    with transaction():
        item: OrderItem = load_locked(OrderItem, ref=item_ref)
        require(actor, "review.write", item)
        refuse_unreviewable(actor, item)
        row = _row(item, opinion)
        door.created(actor, row, item=item.ref, marks=[str(getattr(row, name)) for name in rules.DIMENSIONS])
        db.session.flush()
        _one_voice(row)
        _watch(row)
        letters.reviewed(row)
        figures.keep(row.merchant_id)
    return row


def refuse_unreviewable(actor: Actor, item: OrderItem) -> None:
    if not item.is_("completed"):
        words = lazy("You can review it when you have confirmed that it arrived.")
        raise Impossible("review.early", words)
    if clock.now() - item.state_since > rules.REVIEW_WITHIN:
        raise Impossible("review.late", lazy("Reviews are written within 90 days."))
    if find(Review, item_id=item.id) is not None:
        raise Impossible("review.there", lazy("You have reviewed it already."))
    if find(Member, account_id=actor.account_id, merchant_id=item.merchant_id) is not None:
        raise Impossible("review.own", lazy("Nobody reviews the shop that they work for."))


def _row(item: OrderItem, opinion: Opinion) -> Review:
    return Review(
        ref=ids.new_ref("REV"), item_id=item.id, item_ref=item.ref, title=item.title, account_id=item.account_id,
        subject=item.subject, merchant_id=item.merchant_id, merchant_ref=item.merchant_ref, order_ref=item.order_ref,
        listing_id=item.listing_id, country=db.session.get_one(Order, item.order_id).country, goods=opinion.goods,
        described=opinion.described, communication=opinion.communication, dispatch=opinion.dispatch,
        words=opinion.words, counts=True,
    )  # fmt: skip


def _one_voice(row: Review) -> None:
    """Older reviews of the same person for this shop no longer count (S14)."""
    theirs = (Review.account_id == row.account_id, Review.merchant_id == row.merchant_id)
    today = select(func.count()).where(*theirs, Review.created_at > clock.now() - timedelta(days=1))
    row.counts = rules.counts(int(db.session.execute(today).scalar_one()), newer_by_same_person=False)
    if row.counts:
        db.session.execute(update(Review).where(*theirs, Review.id != row.id).values(counts=False))


def _watch(row: Review) -> None:
    found = watch.look_in_message(row.words, clock.today())
    if found:
        _hold(row, [{"code": each.code, "word": each.word} for each in found])


def _hold(row: Review, reasons: list[dict[str, Any]]) -> None:
    door.transition(SYSTEM, row, "hold")
    risk.open_case(risk.About("review", row.id, row.ref, row.merchant_id, row.merchant_ref), reasons)


def reply(actor: Actor, ref: str, words: str) -> Review:
    """The shop's answer, once, beside the review."""
    with transaction():
        row: Review = load_locked(Review, ref=ref)
        require(actor, "review.answer", row)
        if row.reply:
            raise Impossible("review.answered", lazy("This review is answered already."))
        if watch.look_in_message(words, clock.today()):
            raise Invalid({"reply": lazy("Leave out ways to pay or talk elsewhere, and words of forbidden goods.")})
        row.reply, row.replied_at = words, clock.now()
        door.record(actor, row, "answered", review=row.ref)
    return row


def report(actor: Actor, ref: str, reason: str) -> Review:
    """The shop thinks that a review is false or abusive: it is out of sight until an officer has decided."""
    with transaction():
        row: Review = load_locked(Review, ref=ref)
        require(actor, "review.answer", row)
        if not row.is_("shown") or risk.latest(row.id) is not None:
            raise Impossible("review.reported", lazy("An officer has this review already, or has decided on it."))
        _hold(row, [{"code": "reported", "word": reason}])
        door.record(actor, row, "reported", reason=reason)
    return row


def follow(case_id: UUID) -> None:
    """An officer has decided on a review."""
    with transaction():
        case: RiskCase = load(RiskCase, id=case_id)
        row: Review = load_locked(Review, id=case.about_id)
        if row.is_("held"):
            door.transition(SYSTEM, row, "withhold" if case.is_("upheld") else "show", case=case.ref)
            figures.keep(row.merchant_id)


# ---- reading


def item_to_review(actor: Actor, item_ref: str) -> OrderItem:
    item: OrderItem = load(OrderItem, ref=item_ref)
    require(actor, "review.write", item)
    return item


def of_items(keys: list[UUID]) -> dict[UUID, Review]:
    """Which of these items have been reviewed."""
    rows = db.session.scalars(select(Review).where(Review.item_id.in_(keys))) if keys else ()
    return {row.item_id: row for row in rows}


def shown(*, merchant_id: UUID | None = None, listing_id: UUID | None = None, most: int = 10) -> list[Review]:
    """The newest reviews that everybody may read, of a shop or of a listing."""
    statement = select(Review).where(Review.state == "shown")
    whose = Review.merchant_id == merchant_id if merchant_id else Review.listing_id == listing_id
    return list(db.session.scalars(statement.where(whose).order_by(Review.created_at.desc(), Review.id).limit(most)))


def of_shop(actor: Actor, cursor: str | None = None) -> Page:
    """All reviews of the actor's shop, newest first."""
    require(actor, "review.read")
    statement = select(Review).where(Review.merchant_id == actor.merchant_id)
    return keyset(statement, Review.created_at, Review.id, cursor=cursor)
