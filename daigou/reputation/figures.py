"""A shop's figures, worked out from what every room knows of it and kept where lower rooms read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from daigou.accounts.models import Merchant
from daigou.aftersales.models import ReturnCase
from daigou.catalog import ranking
from daigou.conversations.models import Conversation
from daigou.core import clock, ids
from daigou.core.db import db, transaction
from daigou.orders.models import OrderItem
from daigou.risk import service as risk
from daigou.risk.models import MerchantStanding

from . import rules
from .models import Review

YEAR = timedelta(days=365)
_FAULTS = ("not_as_described", "damaged")
_RIGHT = ("approved", "received", "refunding", "refunded")


def keep(merchant_id: UUID) -> None:
    """Work out one shop's figures and keep them; seven statements by the indexes of their rooms."""
    now = clock.now()
    record, averages = _record(merchant_id), _averages(merchant_id)
    values: dict[str, Any] = {
        "sales": record.sales,
        "reviewers": record.reviewers,
        "positive_permille": 1000 * record.positive // record.reviewers if record.reviewers else None,
        **averages,
        "answer_minutes": record.answer_minutes,
        "complaints": record.complaints,
        "complaints_recent": _complaints(merchant_id, rules.RECENT),
        "violations": record.violations,
        "score": rules.score(record),
        "computed_at": now,
    }
    statement = insert(MerchantStanding).values(id=ids.new_id(), created_at=now, merchant_id=merchant_id, **values)
    with transaction() as session:
        session.execute(statement.on_conflict_do_update(index_elements=["merchant_id"], set_=values))
        ranking.follow(merchant_id, values["score"])


def _record(merchant_id: UUID) -> rules.Record:
    since = clock.now() - YEAR
    sales = select(func.count()).where(OrderItem.merchant_id == merchant_id, OrderItem.state == "completed")
    mark = (Review.goods + Review.described + Review.communication + Review.dispatch) / 4.0
    voices = select(
        func.count(), func.count().filter(mark >= rules.POSITIVE), func.coalesce(func.sum(mark), 0)
    ).where(*_heard(merchant_id))
    reviewers, positive, marks = db.session.execute(voices).one()
    return rules.Record(
        sales=int(db.session.execute(sales).scalar_one()),
        reviewers=int(reviewers),
        positive=int(positive),
        marks=float(marks),
        complaints=_complaints(merchant_id, YEAR),
        answer_minutes=_answer_minutes(merchant_id),
        violations=risk.upheld_of(merchant_id, since),
    )


def _heard(merchant_id: UUID) -> tuple[Any, ...]:
    return (Review.merchant_id == merchant_id, Review.state == "shown", Review.counts.is_(True))


def _averages(merchant_id: UUID) -> dict[str, int | None]:
    """Each dimension's average, in hundredths; None without reviews."""
    columns = [func.avg(getattr(Review, name)) for name in rules.DIMENSIONS]
    found = db.session.execute(select(*columns).where(*_heard(merchant_id))).one()
    marks = zip(rules.DIMENSIONS, found, strict=True)
    return {name: None if mark is None else round(100 * mark) for name, mark in marks}


def _complaints(merchant_id: UUID, within: timedelta) -> int:
    """Returns for a fault that were found right."""
    statement = select(func.count()).where(
        ReturnCase.merchant_id == merchant_id, ReturnCase.created_at > clock.now() - within,
        ReturnCase.reason.in_(_FAULTS), ReturnCase.state.in_(_RIGHT),
    )  # fmt: skip
    return int(db.session.execute(statement).scalar_one())


def _answer_minutes(merchant_id: UUID) -> int | None:
    statement = select(func.sum(Conversation.waited_s), func.sum(Conversation.answers)).where(
        Conversation.merchant_id == merchant_id, Conversation.last_at > clock.now() - YEAR
    )
    waited, answers = db.session.execute(statement).one()
    return int(waited // answers // 60) if answers else None


def shops(after: UUID | None, most: int = 500) -> list[UUID]:
    """The next shops in the order of their keys, for the nightly round."""
    statement = select(Merchant.id).order_by(Merchant.id).limit(most)
    return list(db.session.scalars(statement.where(Merchant.id > after) if after else statement))
