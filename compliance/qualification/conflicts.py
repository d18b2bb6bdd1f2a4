"""Conflict of interest: nobody decides about their own business, or one that they have a stake in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Account, Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.crypto import blind_index, blind_indexes
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Denied, Invalid, NotFound
from daigou.core.i18n import lazy

from . import standing
from .models import Application, ApplicationFact, StaffInterest

KINDS = {
    "domain": lazy("Domain of an e-mail address"),
    "bank": lazy("Bank account"),
    "address": lazy("Address"),
}
COMMON = frozenset({"gmail.com", "outlook.com", "hotmail.com", "qq.com", "163.com", "icloud.com", "yahoo.co.jp",
                    "naver.com", "gmx.de", "web.de", "yahoo.com", "proton.me"})  # fmt: skip
"""Domains that everybody may have an address at: sharing one says nothing."""


def plain(kind: str, value: str) -> str:
    """What two spellings of one value share; spaces and marks make no other account or address."""
    text = value.casefold().removeprefix("www.") if kind == "domain" else value.casefold()
    return "".join(c for c in text if c.isalnum() or (kind == "domain" and c in ".-"))


def index(kind: str, value: str) -> bytes:
    return blind_index("application_facts.value", f"{kind}:{plain(kind, value)}")


def indexes(kind: str, value: str) -> list[bytes]:
    return blind_indexes("application_facts.value", f"{kind}:{plain(kind, value)}")


def facts_of(application: Application) -> list[tuple[str, str]]:
    """(kind, value) of what an application could share with another one or with our staff."""
    claims = application.claims if isinstance(application.claims, dict) else {}
    place = " ".join(filter(None, (claims.get("address"), claims.get("city"))))
    email = str(db.session.get_one(Account, application.account_id).email)
    domain = email.rpartition("@")[2].casefold()
    found = [("bank", claims.get("iban", "")), ("address", place), ("domain", "" if domain in COMMON else domain)]
    return [(kind, value) for kind, value in found if plain(kind, value or "")]


def remember(application: Application) -> None:
    """Keep them, sealed and by blind index, as they are at this sending."""
    for row in db.session.execute(select(ApplicationFact).filter_by(application_id=application.id)).scalars():
        db.session.delete(row)
    for kind, value in facts_of(application):
        row = ApplicationFact(application_id=application.id, subject=application.subject, kind=kind)
        row.value_index = index(kind, value)
        row.value = f"{kind}:{plain(kind, value)}"
        db.session.add(row)


def shared(application: Application) -> set[str]:
    """Kinds of facts that an application of somebody else has too. One query."""
    own = select(ApplicationFact.kind, ApplicationFact.value_index).filter_by(application_id=application.id).subquery()
    statement = (
        select(own.c.kind)
        .join(ApplicationFact, ApplicationFact.value_index == own.c.value_index)
        .where(ApplicationFact.subject != application.subject)
    )
    return set(db.session.execute(statement).scalars())


# ---- what staff declare


def declare(actor: Actor, kind: str, value: str) -> StaffInterest:
    """Say what one has a stake in. Invalid at ``value`` when nothing of it remains."""
    require(actor, "interest.declare")
    if kind not in KINDS or not plain(kind, value):
        raise Invalid({"value": lazy("This is needed.")})
    with transaction():
        row = StaffInterest(ref=ids.new_ref("INT"), account_id=actor.account_id, subject=actor.subject, kind=kind)
        row.value_index = index(kind, value)
        row.value = f"{kind}:{plain(kind, value)}"
        db.session.add(row)
        door.record(actor, load_locked(Account, id=actor.account_id), "interest_declared", interest=row.ref)
    return row


def end(actor: Actor, ref: str) -> None:
    with transaction():
        row = load_locked(StaffInterest, ref=ref)
        if row.account_id != actor.account_id:
            raise NotFound("interest.not_found", lazy("There is no such thing here, or it is not yours."))
        row.ended_at = clock.now()
        door.record(actor, load_locked(Account, id=actor.account_id), "interest_ended", interest=row.ref)


def declared(actor: Actor) -> Sequence[StaffInterest]:
    """The actor's own, newest first."""
    statement = select(StaffInterest).where(
        StaffInterest.account_id == actor.account_id, StaffInterest.ended_at.is_(None)
    )
    return db.session.execute(statement.order_by(StaffInterest.id.desc()).limit(100)).scalars().all()


def require_none(actor: Actor, application: Application) -> None:
    """Denied for one's own application, and for what shares an interest that one has declared."""
    if application.account_id == actor.account_id:
        words = lazy("This is your own application. Another officer must decide.")
        raise Denied("application.own", words, actor=actor.subject)
    if conflicted(actor, application):
        words = lazy("You have a stake in this: it shares something that you declared under Your interests.")
        raise Denied("application.conflict", words, actor=actor.subject, thing=application.stream)


def require_none_with(actor: Actor, merchant: Merchant) -> None:
    """The same for a merchant, by the application that it is known by."""
    application = standing.last_approved(merchant.id)
    if actor.merchant_id == merchant.id:
        raise Denied("merchant.own", lazy("This is your own shop. Another officer must decide."), actor=actor.subject)
    if application is not None:
        require_none(actor, application)


def conflicted(actor: Actor, application: Application) -> bool:
    return _declared(actor, facts_of(application))


def _declared(actor: Actor, facts: Iterable[tuple[str, str]]) -> bool:
    wanted = [one for kind, value in facts for one in indexes(kind, value)]
    statement = select(StaffInterest.id).where(
        StaffInterest.account_id == actor.account_id, StaffInterest.ended_at.is_(None),
        StaffInterest.value_index.in_(wanted),
    )  # fmt: skip
    return db.session.execute(statement.limit(1)).first() is not None
