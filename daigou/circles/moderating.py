"""Posts that somebody reports, what an officer decides on them, and what an author can do about it (DSA art. 16-20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from compliance.privacy import retention
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.risk import service as risk
from daigou.risk.models import RiskCase

from . import counting, letters, rules
from .models import Membership, Post, PostReport
from .writing import empty, hold, locked

SYSTEM = system("circles")
BATCH = 500


def report(actor: Actor, ref: str, reason: str, words: str) -> Post:
    """Say what is wrong with a post, once. An officer decides within a day; several reports hide it until then."""
    require(actor, "post.report")
    if reason not in rules.REPORTS:
        raise Invalid({"reason": lazy("Choose one of these.")})
    with transaction():
        row = locked(ref)
        _refuse_report(actor, row, reason)
        who = db.session.get_one(Account, actor.account_id)
        db.session.add(
            PostReport(post_id=row.id, account_id=who.id, subject=who.subject, reason=reason, words=words)
        )
        door.record(actor, row, "reported", reason=reason)
        db.session.flush()
        _weigh(row, reason)
    return row


def _refuse_report(actor: Actor, row: Post, reason: str) -> None:
    if not row.is_("shown"):
        raise Impossible("post.not_shown", lazy("This post is not shown any more."))
    if row.account_id == actor.account_id:
        raise Impossible("post.own", lazy("This post is your own. You can withdraw it."))
    if find(PostReport, post_id=row.id, account_id=actor.account_id) is not None:
        raise Impossible("post.reported", lazy("You have reported this post already. We tell you what is decided."))
    if _reason(reason) in risk.cleared_reasons(row.id):
        raise Impossible("post.cleared", lazy("An officer has looked at it for this reason, and found nothing wrong."))
    since = clock.now() - timedelta(days=1)
    today = select(func.count()).where(PostReport.account_id == actor.account_id, PostReport.created_at > since)
    if db.session.execute(today).scalar_one() >= rules.figure("report", clock.today()):
        raise Impossible("circle.enough", lazy("That is enough for today. Come back tomorrow."))


def _weigh(row: Post, reason: str) -> None:
    """A case for an officer; out of sight when several people agree."""
    waiting = select(func.count()).where(PostReport.post_id == row.id, PostReport.decided_at.is_(None))
    if db.session.execute(waiting).scalar_one() >= rules.figure("hide_at", clock.today()):
        hold(row, [_reason(reason)])
        counting.recount(row)
    else:
        risk.open_case(risk.About("post", row.id, row.ref), [_reason(reason)])


def _reason(reason: str) -> dict[str, str]:
    return {"code": "reported", "word": reason}


def contest(actor: Actor, ref: str) -> Post:
    """The author thinks that a decision is wrong: another officer looks, once, within six months."""
    with transaction():
        row = locked(ref)
        require(actor, "post.contest", row)
        if not row.is_("withheld") or row.contested_at is not None:
            raise Impossible("post.contested", lazy("This can’t be contested, or it was contested already."))
        if clock.now() - row.state_since > rules.CONTEST_WITHIN:
            raise Impossible("post.late", lazy("Decisions can be contested for six months."))
        row.contested_at = clock.now()
        door.record(actor, row, "contested")
        risk.open_case(risk.About("post", row.id, row.ref), [{"code": risk.CONTESTED}])
    return row


def follow(case_id: UUID) -> None:
    """An officer has decided on a post. Twice is right."""
    with transaction():
        case: RiskCase = load(RiskCase, id=case_id)
        row = locked(load(Post, id=case.about_id).ref)
        move = _move(row, case)
        if move:
            door.transition(SYSTEM, row, move, case=case.ref)
            counting.recount(row)
        if move or row.contested_at is not None:
            letters.decided(row, case)
        _tell_reporters(row, case)


def _move(row: Post, case: RiskCase) -> str:
    """What the decision changes: "" when the post stays as it is."""
    if case.is_("upheld"):
        return "withhold" if row.is_("shown", "held") else ""
    return "show" if row.is_("held", "withheld") else ""


def _tell_reporters(row: Post, case: RiskCase) -> None:
    waiting = select(PostReport).where(PostReport.post_id == row.id, PostReport.decided_at.is_(None))
    for each in db.session.scalars(waiting.order_by(PostReport.id).with_for_update()):
        each.decided_at = clock.now()
        door.record(SYSTEM, row, "reporter_told", case=case.ref)
        letters.report_decided(each, row, case)


def exclude(actor: Actor, post_ref: str, reason: str) -> Membership:
    """The author of a post that was found wrong writes in this circle no more."""
    with transaction():
        post: Post = load(Post, ref=post_ref)
        row: Membership = load_locked(Membership, id=post.member_id)
        if not post.is_("withheld"):
            raise Impossible("post.not_wrong", lazy("Somebody is excluded only for a post that was found wrong."))
        door.transition(actor, row, "exclude", post=post.ref)
        letters.excluded(row, post, reason)
    return row


def readmit(actor: Actor, post_ref: str) -> Membership:
    """They may join again."""
    with transaction():
        post: Post = load(Post, ref=post_ref)
        row: Membership = load_locked(Membership, id=post.member_id)
        door.transition(actor, row, "readmit", post=post.ref)
        letters.readmitted(row)
    return row


def reports_of(actor: Actor, row: Post) -> Sequence[PostReport]:
    """What people say is wrong with it, for an officer to read."""
    require(actor, "risk.view")
    statement = select(PostReport).filter_by(post_id=row.id).order_by(PostReport.id.desc()).limit(50)
    return db.session.scalars(statement).all()


def ruling_of(row: Post) -> RiskCase | None:
    """The case in which a post was decided on last, for its author to read why."""
    return risk.latest(row.id)


def forget_old() -> int:
    """The nightly job: words of posts that were withheld and can't be contested any more. How many."""
    until = clock.now() - timedelta(days=retention.days_of("circle_posts").days)
    old = select(Post).where(Post.state == "withheld", Post.state_since < until, Post.words != "")
    with transaction():
        rows = db.session.scalars(old.order_by(Post.state_since).limit(BATCH).with_for_update()).all()
        for row in rows:
            empty(SYSTEM, row, "retention")
            door.record(SYSTEM, row, "forgotten")
    return len(rows)
