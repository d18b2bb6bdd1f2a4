"""Cases of what looks wrong: opened by a rule or a person's report, decided by an officer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Denied
from daigou.core.i18n import lazy

from .models import RiskCase
from .rules import DECIDE_WITHIN

SYSTEM = system("risk")
STATES = ("open", "upheld", "cleared")
CONTESTED = "contested"
FOLLOWED = frozenset({"listing", "payment", "review"})  # kinds of which a room above follows the decision


@dataclass(frozen=True, slots=True)
class About:
    """The thing a case is about, as the room above it names it."""

    kind: str
    id: UUID
    ref: str
    merchant_id: UUID | None = None
    merchant_ref: str = ""
    subject: str | None = None


def open_case(about: About, reasons: Sequence[dict[str, Any]], likelihood: int = 0) -> RiskCase:
    """A case of these reasons, inside the running transaction. What is open about the thing already learns them too."""
    known = find(RiskCase, about_id=about.id, state="open")
    if known is not None:
        case: RiskCase = load_locked(RiskCase, id=known.id)
        fresh = [each for each in reasons if each not in case.reasons]
        if fresh:
            case.reasons = [*case.reasons, *fresh]
            door.record(SYSTEM, case, "learned", reasons=_codes(fresh))
        return case
    case = RiskCase(
        ref=ids.new_ref("RSK"), kind=about.kind, about_id=about.id, about_ref=about.ref,
        merchant_id=about.merchant_id, merchant_ref=about.merchant_ref, subject=about.subject, reasons=list(reasons),
        decide_until=clock.now() + DECIDE_WITHIN, likelihood=likelihood,
    )  # fmt: skip
    door.created(SYSTEM, case, about=about.ref, reasons=_codes(reasons))
    db.session.flush()
    return case


def clear(actor: Actor, ref: str, ruling: str) -> RiskCase:
    """Nothing is wrong with it."""
    return _decide(actor, ref, "clear", ruling)


def uphold(actor: Actor, ref: str, ruling: str) -> RiskCase:
    """It is what it looks like: a listing goes back to its merchant, a review is withheld."""
    return _decide(actor, ref, "uphold", ruling)


def _decide(actor: Actor, ref: str, move: str, ruling: str) -> RiskCase:
    with transaction():
        case: RiskCase = load_locked(RiskCase, ref=ref)
        _refuse_partial(actor, case)
        case.ruling, case.decided_by = ruling, actor.account_id
        door.transition(actor, case, move, about=case.about_ref)
        if case.kind in FOLLOWED:
            outbox.put(f"risk.{case.kind}_decided", case_id=case.id)
    return case


def _refuse_partial(actor: Actor, case: RiskCase) -> None:
    """Nobody decides on themselves, nor a second time on what somebody contested (GDPR art. 22(3))."""
    if case.subject is not None and case.subject == actor.subject:
        raise Denied("risk.own", lazy("This is about yourself. Another officer must decide."), actor=actor.subject)
    if CONTESTED in _codes(case.reasons) and _decided_before(actor, case):
        words = lazy("You decided this before. Another officer must look anew.")
        raise Denied("risk.again", words, actor=actor.subject)


def _decided_before(actor: Actor, case: RiskCase) -> bool:
    earlier = select(RiskCase.id).filter_by(about_id=case.about_id, decided_by=actor.account_id).limit(1)
    return db.session.execute(earlier).first() is not None


def cleared_reasons(about_id: UUID) -> list[dict[str, Any]]:
    """What an officer has looked at and found nothing in: it opens no second case."""
    statement = select(RiskCase.reasons).filter_by(about_id=about_id, state="cleared")
    return [reason for reasons in db.session.scalars(statement) for reason in reasons]


def queue(actor: Actor, state: str = "open", cursor: str | None = None, *, likely: bool = False) -> Page:
    """Cases in one state: the open ones by urgency, decided ones newest first; ``likely``: what the learned model takes
    to be wrong comes first."""
    require(actor, "risk.view")
    rows = select(RiskCase).where(RiskCase.state == state)
    if likely:
        return keyset(rows, RiskCase.likelihood, RiskCase.id, cursor=cursor)
    return keyset(rows, RiskCase.decide_until, RiskCase.id, cursor=cursor, descending=state != "open")


def view(actor: Actor, ref: str) -> RiskCase:
    require(actor, "risk.view")
    found: RiskCase = load(RiskCase, ref=ref)
    return found


def latest(about_id: UUID) -> RiskCase | None:
    """The newest case of a thing, for its owner to read what was decided."""
    statement = select(RiskCase).filter_by(about_id=about_id).order_by(RiskCase.created_at.desc()).limit(1)
    return db.session.scalars(statement).first()


def upheld_of(merchant_id: UUID, since: Any) -> int:
    """How many cases of a merchant were upheld since a moment: its violations (S10)."""
    statement = select(func.count()).where(
        RiskCase.merchant_id == merchant_id, RiskCase.created_at > since, RiskCase.state == "upheld"
    )
    return int(db.session.execute(statement).scalar_one())


def _codes(reasons: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({str(each["code"]) for each in reasons})
