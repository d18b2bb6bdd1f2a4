"""Things by their streams and references, whatever room they are of: tables are found by their columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, literal, null, select, union_all

from daigou.core.db import Base, db


@dataclass(frozen=True, slots=True)
class Thing:
    """A row with a life: what it is (its machine's name), how people call it, and where it stands now."""

    kind: str
    id: UUID
    ref: str | None
    state: str
    order_ref: str | None

    @property
    def stream(self) -> str:
        return f"{self.kind}/{self.id}"


@cache
def models() -> dict[str, Any]:
    """Every table of things with a life, by its machine's name."""
    return {m.class_.machine.name: m.class_ for m in Base.registry.mappers if hasattr(m.class_, "machine")}


def of_streams(streams: Collection[str]) -> list[Thing]:
    """What stands behind these streams, in one query; streams of no such thing are left out."""
    keys: dict[str, list[UUID]] = {}
    for stream in streams:
        kind, _, key = stream.partition("/")
        if kind in models() and len(key) == 36:
            keys.setdefault(kind, []).append(UUID(key))
    parts = [_part(kind, models()[kind]).where(models()[kind].id.in_(found)) for kind, found in sorted(keys.items())]
    return [Thing(*row) for row in db.session.execute(union_all(*parts))] if parts else []


def by_ref(ref: str) -> Thing | None:
    """The thing of this reference, in one query."""
    parts = [_part(kind, model).where(model.ref == ref) for kind, model in models().items() if hasattr(model, "ref")]
    row = db.session.execute(union_all(*parts).limit(1)).first()
    return Thing(*row) if row else None


def _part(kind: str, model: Any) -> Any:
    ref = cast(model.ref, String) if hasattr(model, "ref") else cast(null(), String)
    order = cast(model.order_ref, String) if hasattr(model, "order_ref") else cast(null(), String)
    return select(literal(kind), model.id, ref, cast(model.state, String), order)
