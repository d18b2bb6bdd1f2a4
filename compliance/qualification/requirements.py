"""Which papers an applicant must and may send: the dated rows of their kind and country."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from daigou.core import clock, kept
from daigou.core.db import db

from .models import Application, PaperRule
from .rules import PAPERS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Kinds of papers in the order in which they are asked for."""

    needed: tuple[str, ...]
    welcome: tuple[str, ...]

    def __contains__(self, kind: object) -> bool:
        return kind in self.needed or kind in self.welcome


Rows = tuple[tuple[str, str, str, bool], ...]  # country, applicant, paper, needed; the newest last


def wanted(applicant: str, country: str) -> Wanted:
    """What is asked of an applicant today. A country's own row goes before the one for all."""
    found: dict[str, bool] = {}
    for exact in (False, True):
        for row_country, row_applicant, paper, needed in kept.once_a_minute("paper_rules", _read):
            if row_applicant in ("*", applicant) and row_country == (country if exact else "*"):
                found[paper] = needed
    order = [paper for paper in PAPERS if paper in found]
    return Wanted(tuple(p for p in order if found[p]), tuple(p for p in order if not found[p]))


def needed(applicant: str, country: str) -> tuple[str, ...]:
    return wanted(applicant, country).needed


def of(application: Application) -> tuple[str, ...]:
    """What an application must show: the rows of its kind and country, or what its change asks for."""
    if application.purpose == "opening":
        return needed(application.kind, application.country)
    return tuple(paper for paper in PAPERS if paper in application.asks)


def forget() -> None:
    """After a change of rows: this process reads them anew."""
    kept.forget("paper_rules")


def _read() -> Rows:
    day = clock.today()
    statement = select(PaperRule.country, PaperRule.applicant, PaperRule.paper, PaperRule.needed).where(
        PaperRule.valid_from <= day, or_(PaperRule.valid_to.is_(None), PaperRule.valid_to > day)
    )
    rows = db.session.execute(statement.order_by(PaperRule.valid_from)).all()
    # The rows for one kind of applicant win over those for all kinds.
    return tuple(sorted(((row[0], row[1], row[2], row[3]) for row in rows), key=lambda row: row[1] != "*"))
