"""Reports of suspicion (S79): drafted by one officer, agreed to by another, filed by hand in the unit's portal.

Nobody else sees one, every look is in the log, and the log names nobody: whoever asks for a copy of their data, or
reads what the log says of them, finds nothing (Regulation (EU) 2024/1624 art. 73; POCA 2002 s. 333A; 31 USC 5318(g)).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import or_, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.risk.models import RiskCase

from . import gathering, goaml
from .models import IntelligenceUnit, SuspicionReport
from .rules import GOAML, KINDS, LEAST, MOST

KIND = "suspicion.report"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer writes down. ``about`` is a person's reference, ``registration`` our own number at the unit."""

    about: str
    case_ref: str
    country: str
    kind: str
    grounds: str
    registration: str


@dataclass(frozen=True, slots=True)
class File:
    name: str
    kind: str
    content: bytes


def units() -> Sequence[IntelligenceUnit]:
    """The rows in force today, by country."""
    today = clock.today()
    statement = select(IntelligenceUnit).where(
        IntelligenceUnit.valid_from <= today,
        or_(IntelligenceUnit.valid_to.is_(None), IntelligenceUnit.valid_to > today),
    )
    rows = db.session.execute(statement.order_by(IntelligenceUnit.country, IntelligenceUnit.valid_from)).scalars()
    return list({row.country: row for row in rows}.values())


def unit_of(country: str) -> IntelligenceUnit:
    found = next((row for row in units() if row.country == country), None)
    if found is None:
        raise Invalid({"country": lazy("No row says which unit takes reports there.")})
    return found


def draft(actor: Actor, wanted: Draft) -> SuspicionReport:
    """Begin a report. Invalid by field; Denied about oneself."""
    require(actor, "suspicion.report")
    unit = _checked(wanted)
    if wanted.about == actor.subject:
        raise Denied("suspicion.own", lazy("This is about yourself."), actor=actor.subject)
    with transaction():
        row = SuspicionReport(
            ref=ids.new_ref("STR"),
            about=gathering.person(wanted.about).subject,
            case_ref=wanted.case_ref,
            country=unit.country,
            unit=unit.unit,
            form=unit.form,
            kind=wanted.kind,
            sealed_under=ids.new_subject(),
            registration=wanted.registration,
            drafted_by=actor.account_id,
        )
        row.grounds = wanted.grounds
        door.created(actor, row, country=unit.country, form=unit.form, grounds_sha256=_digest(row))
    return row


def _checked(wanted: Draft) -> IntelligenceUnit:
    wrong: dict[str, object] = {}
    if wanted.kind not in KINDS:
        wrong["kind"] = lazy("Choose one of these.")
    if not LEAST <= len(wanted.grounds) <= MOST:
        wrong["grounds"] = lazy("Between %(least)s and %(most)s characters.", least=LEAST, most=MOST)
    if wanted.case_ref and not db.session.query(RiskCase.id).filter_by(ref=wanted.case_ref).first():
        wrong["case_ref"] = lazy("There is no case of this reference.")
    if wrong:
        raise Invalid(wrong)
    return unit_of(wanted.country)


def register(actor: Actor, cursor: str | None = None) -> Page:
    """Every report, the newest first."""
    require(actor, "suspicion.report")
    return keyset(select(SuspicionReport), SuspicionReport.created_at, SuspicionReport.id, cursor=cursor)


def read(actor: Actor, ref: str, *, again: bool = False) -> SuspicionReport:
    """One report, in clear. That it was read stands in the log; ``again``: the page is shown anew after a refusal."""
    require(actor, "suspicion.report")
    with transaction():
        row = _locked(actor, ref)
        if not again:
            door.record(actor, row, "viewed")
    return row


def propose(actor: Actor, ref: str, reason: str) -> Proposal:
    """Ask a second officer whether it is to be reported. The proposal names the report, never the person."""
    with transaction():
        row = _locked(actor, ref)
        row.machine.find(row.state, "agree")
        if waiting(row) is not None:
            raise Impossible("suspicion.proposed", lazy("This report waits for a second officer already."))
        summary = _("Report %(ref)s to %(unit)s. Read it on its own page.", ref=row.ref, unit=row.unit)
        payload = {"report": row.ref, "grounds": _digest(row)}
        return proposals.propose(actor, KIND, about=row.stream, summary=summary, reason=reason, payload=payload)


def waiting(row: SuspicionReport) -> Proposal | None:
    return proposals.open_about(KIND, row.stream)


def _agree(actor: Actor, proposal: Proposal) -> None:
    row = _locked(actor, proposal.payload["report"])
    door.transition(actor, row, "agree", proposal=proposal.ref, grounds_sha256=proposal.payload["grounds"])


def take_out(actor: Actor, ref: str) -> File:
    """The file for the unit's portal: goAML's XML, or all of it as JSON to type off. Only once two have agreed."""
    with transaction():
        row = _locked(actor, ref)
        if not row.is_("agreed", "filed"):
            raise Impossible("suspicion.not_agreed", lazy("A second officer has to agree first."))
        found = _file(row)
        door.record(actor, row, "taken_out", sha256=sha256(found.content).hexdigest(), size=len(found.content))
    return found


def _file(row: SuspicionReport) -> File:
    unit = unit_of(row.country)
    who, moves = gathering.person(row.about), gathering.movements(row.about, unit.currency)
    if row.form == GOAML:
        return File(f"{row.ref}.xml", "application/xml", goaml.xml(row, unit, who, moves))
    body = {
        "report": row.ref,
        "unit": row.unit,
        "law": unit.source,
        "registration": row.registration,
        "kind": row.kind,
        "grounds": row.grounds,
        "person": asdict(who),
        "payments": [asdict(move) | {"amount": str(move.amount), "returned": str(move.returned)} for move in moves],
    }
    said = json.dumps(body, ensure_ascii=False, indent=1, default=str)
    return File(f"{row.ref}.json", "application/json", said.encode())


def file(actor: Actor, ref: str, reference: str, filed_on: date) -> SuspicionReport:
    """It was handed in by hand: under which reference of the unit's, and when."""
    if filed_on > clock.today():
        raise Invalid({"filed_on": lazy("This day has not come yet.")})
    with transaction():
        row = _locked(actor, ref)
        row.unit_reference, row.filed_on = reference, filed_on
        door.transition(actor, row, "file", filed_on=filed_on.isoformat())
    return row


def drop(actor: Actor, ref: str, reason: str) -> SuspicionReport:
    """Weighed and not reported, with the reason: a supervisor asks for those too."""
    words = proposals.checked(reason)
    with transaction():
        row = _locked(actor, ref)
        row.dropped_because = words
        door.transition(actor, row, "drop", reason_sha256=sha256(row.id.bytes + words.encode()).hexdigest())
    return row


def _locked(actor: Actor, ref: str) -> SuspicionReport:
    """Nobody reads or works on a report about themselves: for them there is none."""
    row: SuspicionReport = load_locked(SuspicionReport, ref=ref)
    if row.about == actor.subject:
        load(SuspicionReport, ref="")  # NotFound, in the words of any other reference that there is not
    return row


def _digest(row: SuspicionReport) -> str:
    """Which words were agreed to, without saying them: salted with the row's number."""
    return sha256(row.id.bytes + str(row.grounds).encode()).hexdigest()


_TITLE = lazy("Report of suspicion to a financial intelligence unit")
proposals.register(
    proposals.Kind(KIND, propose="suspicion.report", decide="suspicion.agree", title=_TITLE, apply=_agree)
)
