"""What an officer does: take, judge papers, ask, approve, reject. Nobody decides on an application of their own."""

from __future__ import annotations

from babel.numbers import get_territory_currencies
from sqlalchemy import all_, any_, literal, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from compliance.identity import tiers
from daigou.accounts.models import Account, Member, Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import (
    assessing,
    changing,
    conflicts,
    letters,
    noting,
    papers,
    requirements,
    risk,
    rules,
    screening,
    words,
)
from .deadlines import PATIENCE
from .models import Application, Paper

__all__ = ["PATIENCE"]  # handed on to the pages, beside the use cases below


def queue(actor: Actor, state: str, cursor: str | None) -> Page:
    """Applications in one state: the late ones first, then by risk, then by age."""
    require(actor, "application.review")
    statement = select(Application).where(Application.state == state, Application.submitted_at.is_not(None))
    place = (Application.rank, Application.submitted_at, Application.id)
    return keyset(statement, *place, cursor=cursor, descending=False)


def find(actor: Actor, ref: str) -> Application:
    require(actor, "application.review")
    application = load(Application, ref=ref)
    if application.submitted_at is None:
        raise NotFound("application.draft", lazy("This application has not been sent yet."))
    return application


def take(actor: Actor, ref: str) -> None:
    with transaction():
        application = _locked(actor, ref)
        application.reviewer_id = actor.account_id
        door.transition(actor, application, "take")


def release(actor: Actor, ref: str) -> None:
    """Back into the queue, for whoever takes it next."""
    with transaction():
        application = _locked(actor, ref, "in_review")
        application.reviewer_id = None
        door.transition(actor, application, "release")


def hand_over(actor: Actor, ref: str, subject: str) -> None:
    """To another officer, who is told. Denied when they have a stake in it."""
    with transaction():
        application = _locked(actor, ref, "in_review")
        other = load(Account, subject=subject)
        if "officer" not in other.roles or not other.is_("active"):
            raise Invalid({"officer": lazy("Choose one of these.")})
        conflicts.require_none(Actor(other.subject, other.id, None, frozenset(other.roles)), application)
        application.reviewer_id = other.id
        door.record(actor, application, "handed_over", to=other.subject)
        letters.handed_over(application, other)


def accept_paper(actor: Actor, ref: str, paper_ref: str) -> None:
    with transaction():
        application = _locked(actor, ref, "in_review")
        paper = _paper(application, paper_ref)
        if paper.valid_to is not None and paper.valid_to < clock.today():
            raise Impossible("paper.expired", lazy("This paper has expired. Refuse it and ask for the valid one."))
        paper.reason, paper.reason_code = "", ""
        door.transition(actor, paper, "accept", application=application.ref)


def refuse_paper(actor: Actor, ref: str, paper_ref: str, reason: str, code: str = "other") -> None:
    """With a reason of the table, which the applicant reads in their language, and words of the officer's own.
    Invalid at ``reason`` when the table's reason says nothing by itself and there are no words."""
    _check_reason(code, reason)
    with transaction():
        application = _locked(actor, ref, "in_review")
        _refuse(actor, application, _paper(application, paper_ref), code, reason)


def ask_again(actor: Actor, ref: str, paper_ref: str, code: str, words: str) -> None:
    """Refuse a paper and give the application back for another one, in one go."""
    _check_reason(code, words)
    with transaction():
        application = _locked(actor, ref, "in_review")
        paper = _paper(application, paper_ref)
        _refuse(actor, application, paper, code, words)
        question = letters.paper_question(application, paper.kind, code, words)
        application.decision_reason, application.reviewer_id = question, None
        door.transition(actor, application, "ask", paper=paper.ref)
        letters.asked(application, question)


def ask(actor: Actor, ref: str, question: str) -> None:
    """Give it back with a question; what was accepted stays accepted."""
    with transaction():
        application = _locked(actor, ref)
        application.decision_reason = question
        door.transition(actor, application, "ask")
        letters.asked(application, question)


def needs_two(application: Application) -> bool:
    """Whether one officer's approval is not enough: any hit on a sanctions list, even a cleared one, or a high risk."""
    return assessing.hits(application) > 0 or application.risk >= risk.HIGH


def approve(actor: Actor, ref: str) -> Merchant:
    """The applicant becomes a verified merchant, or the change of one is in force. Impossible until every required
    paper was accepted and is valid, and where two officers must agree: then propose()."""
    screening.require_clear(find(actor, ref))  # what is found is kept, also when this refuses
    with transaction():
        application = _locked(actor, ref, "in_review")
        if needs_two(application):
            words = lazy("Two officers decide on this one. Propose the approval; another officer agrees.")
            raise Impossible("application.two", words)
        return _approve(actor, application)


def propose(actor: Actor, ref: str, reason: str) -> Proposal:
    """Put the approval before a second officer."""
    screening.require_clear(find(actor, ref))
    with transaction():
        application = _locked(actor, ref, "in_review")
        _require_papers(application)
        noting.require_ticks(application)
        if proposals.open_about(KIND, application.stream) is not None:
            raise Impossible("application.proposed", lazy("This is before a second officer already."))
        said = f"{application.ref}: {application.kind}, {application.country}, {application.purpose}; "
        said += f"risk {application.risk}; {assessing.hits(application)} hits on lists, none confirmed; "
        said += "ticked: " + ", ".join(point.name for point in noting.points(application))
        return proposals.propose(
            actor, KIND, about=application.stream, summary=said, reason=reason, payload={"ref": application.ref}
        )


def proposed(application: Application) -> Proposal | None:
    return proposals.open_about(KIND, application.stream)


def _apply(actor: Actor, proposal: Proposal) -> None:
    application = _locked(actor, proposal.payload["ref"], "in_review")
    screening.require_clear(application)
    _approve(actor, application, proposal=proposal.ref)


KIND = "application.approve"
proposals.register(
    proposals.Kind(
        KIND, propose="application.review", decide="application.review", title=lazy("Approval of an application"),
        apply=_apply,
    )
)  # fmt: skip


def _approve(actor: Actor, application: Application, **facts: str) -> Merchant:
    _require_papers(application)
    noting.require_ticks(application)
    _decide(actor, application, "")
    opening = application.purpose == "opening"
    merchant = _found_merchant(actor, application) if opening else changing.apply(actor, application)
    application.merchant_id = merchant.id
    door.transition(actor, application, "approve", merchant_ref=merchant.ref, **facts)
    if opening:
        letters.approved(application)
    else:
        changing.follow_papers(actor, merchant)
    return merchant


def _require_papers(application: Application) -> None:
    if not rules.all_accepted(_needed(application), papers.facts(papers.of(application)), clock.today()):
        raise Impossible(
            "application.papers", lazy("Accept every required paper first, or refuse one and ask for another.")
        )


def reject(actor: Actor, ref: str, reason: str) -> None:
    with transaction():
        application = _locked(actor, ref)
        _decide(actor, application, reason)
        door.transition(actor, application, "reject")
        letters.rejected(application, reason)


def view_file(actor: Actor, ref: str, paper_ref: str) -> StoredFile:
    """The file of a paper, for its preview; the viewing is logged."""
    application = find(actor, ref)
    paper = load(Paper, ref=paper_ref, application_id=application.id)
    return documents.view(actor, load(StoredFile, id=paper.file_id).ref)


def officers(actor: Actor) -> list[Account]:
    """Who an application can be handed to."""
    require(actor, "application.review")
    ours = (literal("shopper") != all_(Account.roles), literal("officer") == any_(Account.roles))
    statement = select(Account).where(*ours)
    rows = db.session.execute(statement.where(Account.state == "active").limit(200)).scalars()
    return [row for row in rows if row.id != actor.account_id]


def _check_reason(code: str, words_of_officer: str) -> None:
    if code not in words.REASONS:
        raise Invalid({"code": lazy("Choose one of these.")})
    if code == "other" and not words_of_officer.strip():
        raise Invalid({"reason": lazy("This is needed.")})


def _refuse(actor: Actor, application: Application, paper: Paper, code: str, reason: str) -> None:
    paper.reason, paper.reason_code = reason, code
    door.transition(actor, paper, "refuse", application=application.ref, reason=code)


def _needed(application: Application) -> tuple[str, ...]:
    return requirements.of(application)


def _decide(actor: Actor, application: Application, reason: str) -> None:
    application.decided_by, application.decided_at, application.decision_reason = actor.account_id, clock.now(), reason


def _found_merchant(actor: Actor, application: Application) -> Merchant:
    account = load_locked(Account, id=application.account_id)
    if db.session.execute(select(Member.id).filter_by(account_id=account.id)).first():
        raise Impossible("application.merchant", lazy("This person works for a merchant already."))
    merchant = Merchant(
        ref=ids.new_ref("MER"),
        subject=ids.new_subject(),
        name=application.trade_name,
        kind=application.kind,
        country=application.country,
        currency=get_territory_currencies(application.country)[0],
        city=application.claims.get("city", ""),
        about=application.claims.get("about", ""),
        verified_at=clock.now(),
    )
    door.created(actor, merchant, application=application.ref)
    db.session.flush()
    door.transition(actor, merchant, "activate")
    tiers.open_for_merchant(actor, merchant)
    db.session.add(Member(merchant_id=merchant.id, account_id=account.id, role="owner"))
    account.roles = sorted({*account.roles, "merchant"})
    door.record(actor, account, "role_given", role="merchant")
    return merchant


def _locked(actor: Actor, ref: str, state: str | None = None) -> Application:
    require(actor, "application.review")
    application = load_locked(Application, ref=ref)
    conflicts.require_none(actor, application)
    if state is not None and not application.is_(state):
        raise Impossible("application.not_in_review", lazy("Take the application first; then you can decide."))
    return application


def _paper(application: Application, ref: str) -> Paper:
    return load_locked(Paper, ref=ref, application_id=application.id)
