"""What an officer does: take, judge papers, ask, approve, reject. Nobody decides on an application of their own."""

from __future__ import annotations

from datetime import timedelta

from babel.numbers import get_territory_currencies
from sqlalchemy import select

from compliance.audit import door
from compliance.identity import tiers
from daigou.accounts.models import Account, Member, Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Impossible, NotFound
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import letters, papers, requirements, rules, screening
from .models import Application, Paper

PATIENCE = timedelta(days=2)  # what applicants are told; later ones stand out in the queue


def queue(actor: Actor, state: str, cursor: str | None) -> Page:
    """Applications in one state, the one that waits longest first."""
    require(actor, "application.review")
    statement = select(Application).where(Application.state == state, Application.submitted_at.is_not(None))
    return keyset(statement, Application.submitted_at, Application.id, cursor=cursor, descending=False)


def find(actor: Actor, ref: str) -> Application:
    require(actor, "application.review")
    application = load(Application, ref=ref)
    if application.submitted_at is None:
        raise NotFound("application.draft", lazy("This application has not been sent yet."))
    return application


def take(actor: Actor, ref: str) -> None:
    with transaction():
        door.transition(actor, _locked(actor, ref), "take")


def accept_paper(actor: Actor, ref: str, paper_ref: str) -> None:
    with transaction():
        application = _locked(actor, ref, "in_review")
        paper = _paper(application, paper_ref)
        if paper.valid_to is not None and paper.valid_to < clock.today():
            raise Impossible("paper.expired", lazy("This paper has expired. Refuse it and ask for the valid one."))
        paper.reason = ""
        door.transition(actor, paper, "accept", application=application.ref)


def refuse_paper(actor: Actor, ref: str, paper_ref: str, reason: str) -> None:
    with transaction():
        application = _locked(actor, ref, "in_review")
        paper = _paper(application, paper_ref)
        paper.reason = reason
        door.transition(actor, paper, "refuse", application=application.ref)


def ask(actor: Actor, ref: str, question: str) -> None:
    """Give it back with a question; what was accepted stays accepted."""
    with transaction():
        application = _locked(actor, ref)
        application.decision_reason = question
        door.transition(actor, application, "ask")
        letters.asked(application, question)


def approve(actor: Actor, ref: str) -> Merchant:
    """The applicant becomes a verified merchant. Impossible until every required paper was accepted and is valid."""
    screening.require_clear(find(actor, ref))  # what is found is kept, also when this refuses
    with transaction():
        application = _locked(actor, ref, "in_review")
        if not rules.all_accepted(_needed(application), papers.facts(papers.of(application)), clock.today()):
            raise Impossible(
                "application.papers", lazy("Accept every required paper first, or refuse one and ask for another.")
            )
        _decide(actor, application, "")
        merchant = _found_merchant(actor, application)
        application.merchant_id = merchant.id
        door.transition(actor, application, "approve", merchant_ref=merchant.ref)
        letters.approved(application)
    return merchant


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


def _needed(application: Application) -> tuple[str, ...]:
    return requirements.needed(application.kind, application.country)


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
    if application.account_id == actor.account_id:
        raise Denied(
            "application.own", lazy("This is your own application. Another officer must decide."), actor=actor.subject
        )
    if state is not None and not application.is_(state):
        raise Impossible("application.not_in_review", lazy("Take the application first; then you can decide."))
    return application


def _paper(application: Application, ref: str) -> Paper:
    return load_locked(Paper, ref=ref, application_id=application.id)
