"""The lists and rules in force, kept in memory by each process until they change.

What is in force has a *stamp*: a hash of the lists' versions, the thresholds and the embargoes of today. Who was
screened with the stamp of now need not be screened again. Three small SELECTs say whether the memory is still right.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import or_, select

from daigou.core import clock
from daigou.core.db import db

from .index import Index, Listed
from .models import Embargo, ListEntry, ListVersion, Threshold


@dataclass(frozen=True, slots=True)
class Barred:
    """An embargo in force."""

    country: str
    hs_prefix: str
    source: str


@dataclass(frozen=True, slots=True)
class InForce:
    """Everything that a check needs."""

    stamp: str
    index: Index
    thresholds: Mapping[str, float]  # by role; "" is everybody's
    embargoes: tuple[Barred, ...]

    def threshold(self, role: str) -> float:
        return self.thresholds.get(role, self.thresholds.get("", 82.0))


_lock = threading.Lock()
_kept: tuple[str, Index] = ("", Index(()))


def in_force() -> InForce:
    """As the database says now. Loading 20,000 entries takes about a second, once for each version."""
    day = clock.today()
    versions = _versions()
    thresholds, embargoes = _thresholds(day), _embargoes(day)
    rules = repr((versions, sorted(thresholds.items()), embargoes))
    return InForce(sha256(rules.encode()).hexdigest(), _index(repr(versions)), thresholds, embargoes)


def _index(versions: str) -> Index:
    global _kept
    if _kept[0] == versions:
        return _kept[1]
    with _lock:
        if _kept[0] != versions:
            _kept = (versions, Index(map(listed, db.session.execute(_ENTRIES))))
        return _kept[1]


_E = ListEntry
_ENTRIES = (
    select(_E.code, _E.entry_id, _E.kind, _E.names, _E.countries, _E.years, _E.digest)
    .join(ListVersion, ListVersion.id == _E.list_id)
    .where(ListVersion.current)
    .order_by(_E.code, _E.entry_id)
    .execution_options(yield_per=2000)
)


def listed(row: Any) -> Listed:
    key = (row.code, row.entry_id)
    return Listed(key, row.kind, tuple(row.names), tuple(row.countries), tuple(row.years), row.digest)


def _versions() -> list[tuple[str, str]]:
    rows = db.session.execute(select(ListVersion.code, ListVersion.id).where(ListVersion.current))
    return sorted((code, str(key)) for code, key in rows)


def _dated(model: Any, day: date) -> Any:
    return (model.valid_from <= day) & or_(model.valid_to.is_(None), model.valid_to > day)


def _thresholds(day: date) -> dict[str, float]:
    rows = select(Threshold.role, Threshold.score).where(_dated(Threshold, day)).order_by(Threshold.valid_from)
    return {role: float(score) for role, score in db.session.execute(rows)}


def _embargoes(day: date) -> tuple[Barred, ...]:
    rows = select(Embargo.country, Embargo.hs_prefix, Embargo.source).where(_dated(Embargo, day))
    return tuple(
        sorted((Barred(*row) for row in db.session.execute(rows)), key=lambda row: (row.country, row.hs_prefix))
    )
