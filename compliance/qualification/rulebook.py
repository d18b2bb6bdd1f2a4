"""The dated rows that qualification goes by today, for officers to read: what is asked, looked at, tested, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db

from .life_models import TestInterval
from .models import ChecklistRule, CountryRisk, PaperRule


@dataclass(frozen=True, slots=True)
class PaperAsked:
    """Rows that say the same of several countries, told once."""

    paper: str
    applicant: str
    needed: bool
    valid_from: date
    source: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rows in force today, each table in its own order."""

    papers: Sequence[PaperAsked]
    points: Sequence[ChecklistRule]
    intervals: Sequence[TestInterval]
    countries: Sequence[CountryRisk]


def today(actor: Actor) -> Rulebook:
    require(actor, "application.review")
    return Rulebook(
        _papers(_rows(PaperRule, PaperRule.country, PaperRule.applicant, PaperRule.paper)),
        _rows(ChecklistRule, ChecklistRule.country, ChecklistRule.applicant, ChecklistRule.point),
        _rows(TestInterval, TestInterval.least_risk),
        _rows(CountryRisk, CountryRisk.country),
    )


def _papers(rows: Sequence[PaperRule]) -> list[PaperAsked]:
    found: dict[tuple[str, str, bool, date, str], list[str]] = {}
    for row in rows:
        said = (row.paper, row.applicant, row.needed, row.valid_from, row.source)
        found.setdefault(said, []).append(row.country)
    return [PaperAsked(*said, tuple(countries)) for said, countries in found.items()]


def _rows(model: Any, *order: Any) -> Sequence[Any]:
    day = clock.today()
    statement = select(model).where(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to > day))
    return db.session.execute(statement.order_by(*order)).scalars().all()
