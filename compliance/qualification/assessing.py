"""What the machine finds out about an application, and the place in the queue that follows from it."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import func, or_, select

from compliance.audit import door
from compliance.identity.rules import names_match
from compliance.screening.models import Match, Use
from daigou.accounts.models import Account, Merchant
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import NotFound, Unavailable
from daigou.documents import service as documents
from daigou.documents.service import Fingerprint

from . import checks, papers, risk, similarity, standing
from .models import Application, CountryRisk, Paper

SYSTEM = system("qualification")
OPEN = ("submitted", "in_review", "more_information")
FAR_TOO_MANY = 200  # papers that share a band: more are not looked at one by one


def assess(application: Application) -> None:
    """Write risk, reasons and rank of an application that the caller has locked. What is late stays late."""
    found = risk.assess(_facts(application))
    application.risk, application.risk_reasons = found.score, [asdict(reason) for reason in found.reasons]
    late = application.due_at is not None and application.due_at <= clock.now()
    application.rank = 0 if late else found.rank


def inspect(application_id: UUID) -> None:
    """The job after each sending: read every paper that stands, then weigh anew. Safe to run twice."""
    with transaction():
        application: Application = load(Application, id=application_id)
        standing = list(papers.current(papers.of(application)).values())
    for paper in standing:
        _inspect(paper, application)
    with transaction():
        application = load_locked(Application, id=application_id)
        if application.is_(*OPEN):
            assess(application)


def reassess(about: str) -> None:
    """Something about it was decided elsewhere: weigh anew."""
    with transaction():
        application = find(Application, ref=about)
        if application is not None and application.is_(*OPEN):
            assess(load_locked(Application, id=application.id))


def hits(application: Application) -> int:
    """How many entries of sanctions lists agree with somebody in it, whatever was decided on them."""
    statement = (
        select(func.count())
        .select_from(Match)
        .join(Use, Use.party_id == Match.party_id)
        .where(Use.about == application.ref, Match.decision != "gone")
    )
    return int(db.session.execute(statement).scalar_one())


def look_alikes(paper: Paper) -> list[Paper]:
    """Papers of others whose picture is almost this one's."""
    if paper.dhash is None:
        return []
    statement = select(Paper).where(
        Paper.bands.overlap(similarity.probes(paper.dhash)), Paper.subject != paper.subject
    )
    found = db.session.execute(statement.limit(FAR_TOO_MANY)).scalars()
    return [other for other in found if other.dhash is not None and similarity.near(paper.dhash, other.dhash)]


def _inspect(paper: Paper, application: Application) -> None:
    """Read the file outside any transaction, then keep the verdicts. The text itself is not kept."""
    file = papers.files([paper])[paper.file_id]
    try:
        seen = documents.fingerprint(file)
    except (Unavailable, NotFound):
        seen = Fingerprint("", None)
    with transaction():
        row = load_locked(Paper, id=paper.id)
        # Typeset papers of one office look alike whoever they are for: only pictures and scans are compared.
        row.dhash = None if seen.text.strip() else seen.dhash
        row.bands = similarity.bands(row.dhash) if row.dhash is not None else None
        found = {"text": _text_verdict(seen.text, application), "similar": similar_verdict(row)}
        if row.checks != found:
            row.checks = found
            door.record(SYSTEM, row, "inspected", **found)


def _text_verdict(text: str, application: Application) -> str:
    claims = application.claims if isinstance(application.claims, dict) else {}
    names = [claims.get("legal_name", ""), claims.get("representative", "")]
    if not "".join(text.split()):
        return "unknown"
    return "pass" if any(_stands_in(name, text) for name in names if name) else "warn"


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text: in one line as it is compared for identities, or anywhere without spaces."""
    bare = "".join(c for c in text.casefold() if c.isalnum())
    plain = "".join(c for c in name.casefold() if c.isalnum())
    return bool(plain) and (plain in bare or any(names_match(name, line) for line in text.splitlines()))


def similar_verdict(paper: Paper) -> str:
    """Whether a paper of somebody else looks like it; unknown for what is not compared."""
    if paper.dhash is None:
        return "unknown"
    return "warn" if look_alikes(paper) else "pass"


def _facts(application: Application) -> risk.Facts:
    found = _papers(application)
    by_paper = checks.of_papers(found, papers.files(found), application.subject)
    flat = [*checks.of_claims(application), *(check for each in by_paper.values() for check in each)]
    names = {"duplicate", "similar"}
    own = [check for check in flat if check.name not in {*names, "shared", "screening"}]
    account = db.session.get_one(Account, application.account_id)
    return risk.Facts(
        hits=hits(application),
        failed=sum(check.verdict == "fail" for check in own),
        warnings=sum(check.verdict == "warn" for check in own),
        duplicates=sum(check.verdict == "fail" for check in flat if check.name == "duplicate"),
        similar=sum(check.verdict == "warn" for check in flat if check.name == "similar"),
        shared=sum(check.verdict in ("fail", "warn") for check in flat if check.name == "shared"),
        country_points=_country_points(application.country),
        kind=application.kind,
        age_days=(clock.now() - account.created_at).days,
        opened_by_us=application.purpose == "review",
    )


def _papers(application: Application) -> list[Paper]:
    """What it is judged by: its own papers, and where we look again by ourselves, those that the merchant stands on."""
    own = list(papers.current(papers.of(application)).values())
    if own or application.merchant_id is None:
        return own
    return list(standing.papers_of(load(Merchant, id=application.merchant_id)).values())


def _country_points(country: str) -> int:
    today = clock.today()
    statement = select(CountryRisk.points).where(
        CountryRisk.country == country, CountryRisk.valid_from <= today,
        or_(CountryRisk.valid_to.is_(None), CountryRisk.valid_to > today),
    )  # fmt: skip
    return db.session.execute(statement.order_by(CountryRisk.valid_from.desc()).limit(1)).scalar_one_or_none() or 0
