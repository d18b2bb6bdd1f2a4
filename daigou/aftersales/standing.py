"""A shopper's history here, gathered from the rooms that know it, for the rating of compliance.identity (S16)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from compliance.audit.models import Entry
from compliance.identity import rating
from compliance.identity.models import Standing
from daigou.accounts.models import Account
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, find, transaction
from daigou.orders.models import Order

from .models import ReturnCase

SYSTEM = system("identity")
YEARS = timedelta(days=730)
BATCH = 500
FRESH, AGAIN_AFTER = timedelta(days=2), timedelta(hours=12)
LOST = ("dispute:lose", "dispute:accept")  # the bank took the payment back; cases that were won count for nothing
NEWS = ("order:pay", "order:expire", "return:settle", "return:decline", *LOST)
_PAID, _UNPAID = ("paid", "completed"), ("expired", "cancelled")


def history(account: Account) -> rating.History:
    """Counts of the last two years; five queries by the indexes of each room."""
    since = clock.now() - YEARS
    return rating.History(
        paid_orders=_count(Order, account.id, since, Order.state.in_(_PAID)),
        expired_orders=_count(Order, account.id, since, Order.state.in_(_UNPAID)),
        refunds=_count(ReturnCase, account.id, since, ReturnCase.state.not_in(("declined", "withdrawn"))),
        refunds_declined=_count(ReturnCase, account.id, since, ReturnCase.state == "declined"),
        lost_disputes=_disputed(account),
        age_days=(clock.now() - account.created_at).days,
    )


def _count(model: type[Order] | type[ReturnCase], account_id: UUID, since: object, which: object) -> int:
    statement = select(func.count()).where(model.account_id == account_id, model.created_at > since, which)  # type: ignore[arg-type]
    return int(db.session.execute(statement).scalar_one())


def _disputed(account: Account) -> int:
    """Payments of this person that a bank took back: the log itself counts them."""
    statement = select(func.count(func.distinct(Entry.stream))).where(
        Entry.subject == account.subject, Entry.kind.in_(LOST)
    )
    return int(db.session.execute(statement).scalar_one())


def rate(account_id: UUID) -> int:
    """Work out the rating anew and keep it; a change is written to the log. The score."""
    with transaction():
        account = db.session.get_one(Account, account_id)
        found = rating.rate(history(account))
        before = find(Standing, account_id=account_id)
        _keep(account_id, found)
        if before is None or before.score != found.score:
            door.note(
                SYSTEM, f"standing/{account_id}", "standing:rated", subject=account.subject, score=found.score,
                version=rating.VERSION,
            )  # fmt: skip
    return found.score


def _keep(account_id: UUID, found: rating.Rating) -> None:
    now = clock.now()
    values = {
        "score": found.score, "version": rating.VERSION, "reasons": [asdict(reason) for reason in found.reasons],
        "rated_at": now,
    }  # fmt: skip
    statement = insert(Standing).values(id=ids.new_id(), created_at=now, account_id=account_id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))


def due() -> list[UUID]:
    """Shoppers with something new: an order, a return or a dispute moved within two days. The log says so."""
    news = select(Entry.subject).where(Entry.kind.in_(NEWS), Entry.at > clock.now() - FRESH).distinct().subquery()
    statement = (
        select(Account.id)
        .join(news, news.c.subject == Account.subject)
        .outerjoin(Standing, Standing.account_id == Account.id)
        .where(or_(Standing.rated_at.is_(None), Standing.rated_at < clock.now() - AGAIN_AFTER))
        .limit(BATCH)
    )
    with transaction():
        return list(db.session.execute(statement).scalars())
