"""How a merchant stands: the claims and papers that it was accepted for, and which of them still hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from daigou.accounts.models import Account, Member, Merchant
from daigou.core import clock
from daigou.core.db import db

from . import life_rules, requirements
from .models import Application, Paper


def accepted_papers(merchant_ids: Collection[UUID]) -> dict[UUID, dict[str, Paper]]:
    """The accepted paper of each kind that is good for longest, by merchant. One query."""
    statement = (
        select(Application.merchant_id, Paper)
        .join(Paper, Paper.application_id == Application.id)
        .where(Application.merchant_id.in_(merchant_ids), Application.state == "approved", Paper.state == "accepted")
        .order_by(Paper.id)
    )
    found: dict[UUID, dict[str, Paper]] = {}
    for merchant_id, paper in db.session.execute(statement):
        assert merchant_id is not None  # asked for by it
        kinds = found.setdefault(merchant_id, {})
        if paper.kind not in kinds or _later(paper.valid_to, kinds[paper.kind].valid_to):
            kinds[paper.kind] = paper
    return found


def papers_of(merchant: Merchant) -> dict[str, Paper]:
    return accepted_papers([merchant.id]).get(merchant.id, {})


def in_force(papers: Iterable[Paper], day: date | None = None) -> list[str]:
    """Kinds of those that have not ended: what may be said to be verified."""
    today = day or clock.today()
    return [paper.kind for paper in papers if not life_rules.has_ended(paper.valid_to, today)]


def missing(merchant: Merchant, papers: Iterable[Paper], day: date | None = None) -> list[str]:
    """Kinds that this merchant was accepted for, that it needs, and that have ended since."""
    today = day or clock.today()
    needed = requirements.needed(merchant.kind, merchant.country)
    return [paper.kind for paper in papers if paper.kind in needed and life_rules.has_ended(paper.valid_to, today)]


def ending(papers: Iterable[Paper], day: date | None = None) -> list[Paper]:
    """Those that end within the first reminder's days, or have ended."""
    today = day or clock.today()
    return [p for p in papers if p.valid_to is not None and (p.valid_to - today).days <= life_rules.REMIND_DAYS[0]]


def last_approved(merchant_id: UUID) -> Application | None:
    """The application by which the merchant is known today."""
    statement = select(Application).where(Application.merchant_id == merchant_id, Application.state == "approved")
    return db.session.execute(statement.order_by(Application.id.desc()).limit(1)).scalar_one_or_none()


def owner_of(merchant_id: UUID) -> Account:
    statement = select(Account).join(Member, Member.account_id == Account.id)
    return db.session.execute(
        statement.where(Member.merchant_id == merchant_id, Member.role == "owner").order_by(Member.id).limit(1)
    ).scalar_one()


def trader(merchant: Merchant) -> dict[str, Any]:
    """Who sells, as Regulation (EU) 2022/2065 art. 30(7) has it shown: name, address, phone, mail, register number and
    the self-certification's day. Nothing else; empty where the keys were destroyed."""
    application = last_approved(merchant.id)
    if application is None or not isinstance(application.claims, dict):
        return {}
    claims = application.claims
    return {
        "name": claims.get("legal_name") or merchant.name,
        "address": ", ".join(filter(None, (claims.get("address"), claims.get("city")))),
        "country": merchant.country,
        "phone": claims.get("phone", ""),
        "email": str(owner_of(merchant.id).email),
        "register": "" if merchant.kind == "individual" else claims.get("registration_number", ""),
        "certified_at": application.certified_at,
    }


def open_change(merchant_id: UUID) -> Application | None:
    """A change or a review that is not decided yet."""
    statement = select(Application).where(
        Application.merchant_id == merchant_id,
        Application.state.in_(("draft", "submitted", "in_review", "more_information")),
    )
    return db.session.execute(statement.order_by(Application.id.desc()).limit(1)).scalar_one_or_none()


def applications_of(merchant_id: UUID) -> Sequence[Application]:
    """All of them, newest first."""
    statement = select(Application).where(Application.merchant_id == merchant_id).order_by(Application.id.desc())
    return db.session.execute(statement.limit(50)).scalars().all()


def _later(one: date | None, other: date | None) -> bool:
    return other is not None and (one is None or one >= other)
