"""What an applicant does: start, fill in, send papers, submit, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts import directory
from daigou.accounts.models import Account
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.inspection import Checked

from . import assessing, conflicts, deadlines, letters, noting, papers, requirements, rules, screening
from .models import Application, Paper

PAPER_LIMIT = 10 * 2**20  # bytes


def mine(actor: Actor) -> Application | None:
    """The actor's newest application, if there is one."""
    statement = select(Application).where(Application.account_id == actor.account_id).order_by(Application.id.desc())
    return db.session.execute(statement.limit(1)).scalar_one_or_none()


def start(actor: Actor, kind: str, country: str, trade_name: str) -> Application:
    """A draft. One application at a time, and none by who is a merchant already."""
    require(actor, "application.start")
    _require_one_alphabet(trade_name)
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        before = mine(actor)
        if before is not None and before.is_(*rules.OPEN):
            return before
        if directory.merchant_of(account.id) is not None:
            raise Impossible("application.merchant", lazy("You are a merchant already."))
        application = Application(
            ref=ids.new_ref("APP"), account_id=account.id, subject=account.subject, kind=kind, country=country
        )
        application.trade_name = trade_name
        application.claims = dict.fromkeys(rules.CLAIMS, "")
        door.created(actor, application, kind=kind, country=country)
    return application


def save_business(actor: Actor, kind: str, country: str, trade_name: str) -> None:
    _require_one_alphabet(trade_name)
    with transaction():
        application = _editable(actor)
        application.kind, application.country, application.trade_name = kind, country, trade_name


def save_claims(actor: Actor, values: Mapping[str, str]) -> dict[str, object]:
    """Keep what was typed as it was typed; answers what is still wrong with these fields, by name."""
    with transaction():
        application = _editable(actor)
        application.claims = {**application.claims, **values}
    faults = rules.claim_faults(application.kind, application.country, application.claims)
    return {name: words for name, words in faults.items() if name in values}


def read_upload(upload: Any) -> Checked:
    """The upload as it may be kept, before any transaction begins; Invalid at ``file``."""
    return documents.check(upload, allowed=documents.PAPERS, limit=PAPER_LIMIT)


def add_paper(actor: Actor, facts: rules.PaperFacts, upload: Checked) -> Paper:
    """Put a paper to the application; the one of its kind that stood before is replaced. Invalid by field."""
    faults = rules.paper_faults(facts, clock.today())
    if faults:
        raise Invalid(faults, code="paper.invalid")
    with transaction():
        application = _editable(actor)
        if facts.kind not in requirements.wanted(application.kind, application.country):
            raise NotFound("paper.kind", lazy("There is no such kind of paper."))
        _replace(actor, application, facts.kind)
        paper = Paper(
            ref=ids.new_ref("PAP"),
            application_id=application.id,
            account_id=application.account_id,
            subject=application.subject,
            kind=facts.kind,
            issuer=facts.issuer,
            country=facts.country,
            valid_from=facts.valid_from,
            valid_to=facts.valid_to,
        )
        paper.number = facts.number
        file = documents.store(
            actor, paper.stream, paper.subject, "identity", "paper", upload,
            allowed=documents.PAPERS, limit=PAPER_LIMIT,
        )  # fmt: skip
        paper.file_id = file.id
        db.session.flush()
        door.created(actor, paper, paper=facts.kind, application=application.ref, sha256=file.sha256)
    return paper


def submit(actor: Actor) -> Application:
    """Send it to the officers; Impossible while anything is missing."""
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        application = _editable(actor)
        _require_complete(account, application)
        application.submitted_at = application.certified_at = clock.now()
        door.transition(actor, application, "submit")
        noting.forget_ticks(application)
        letters.received(application)
        screening.screen(application)
        conflicts.remember(application)
        deadlines.begin(application)
        db.session.flush()
        assessing.assess(application)
        outbox.put("application.inspect", application_id=application.id)
    return application


def withdraw(actor: Actor) -> None:
    with transaction():
        application = _locked(actor)
        if application.purpose == "review":
            raise Impossible("application.review", lazy("We opened this review ourselves. An officer ends it."))
        door.transition(actor, application, "withdraw")


def lacking(application: Application) -> list[str]:
    """Names of what is missing before it can be submitted: claims, then kinds of papers."""
    faults = rules.claim_faults(application.kind, application.country, application.claims)
    required = requirements.of(application)
    wanted = rules.lacking(required, papers.facts(papers.of(application)), clock.today())
    return [*([] if application.trade_name else ["trade_name"]), *faults, *wanted]


def _require_one_alphabet(name: str) -> None:
    if rules.mixed_scripts(name):
        raise Invalid({"trade_name": rules.TWO_ALPHABETS}, code="application.mixed_scripts")


def _require_complete(account: Account, application: Application) -> None:
    if not account.is_("active"):
        raise Impossible("application.unconfirmed", lazy("Confirm your e-mail address first. Then send it."))
    if lacking(application):
        raise Impossible("application.incomplete", lazy("Something is still missing. The list shows what."))


def _replace(actor: Actor, application: Application, kind: str) -> None:
    before = papers.current(papers.of(application)).get(kind)
    if before is None:
        return
    if before.is_("accepted"):
        raise Impossible("paper.accepted", lazy("This paper has been accepted. It need not be sent again."))
    door.transition(actor, load_locked(Paper, id=before.id), "replace")


def _locked(actor: Actor) -> Application:
    newest = mine(actor)
    if newest is None:
        raise NotFound("application.none", lazy("You have not begun an application yet."))
    application = load_locked(Application, id=newest.id)
    require(actor, "application.edit", application)
    return application


def _editable(actor: Actor) -> Application:
    application = _locked(actor)
    if not application.is_(*rules.EDITABLE):
        raise Impossible("application.sent", lazy("The application is with the officers. It can’t be changed now."))
    return application
