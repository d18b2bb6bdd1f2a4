"""What lists and embargoes say of one party's claims. Reads memory only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .index import Hit, Listed
from .lists import InForce
from .rules import EMBARGO
from .scoring import Claim


@dataclass(frozen=True, slots=True)
class Facts:
    """Who or what is screened. ``subject`` is the person's or merchant's reference, never a name.

    ``names`` are tried one by one; a destination has none, but a country and the HS codes of the goods that go there.
    """

    role: str  # shopper, consignee, merchant, destination
    subject: str
    names: tuple[str, ...] = ()
    country: str | None = None
    born: int | None = None
    goods: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {"names": list(self.names), "country": self.country, "born": self.born, "goods": sorted(self.goods)}

    @classmethod
    def from_json(cls, role: str, subject: str, kept: dict[str, Any]) -> Facts:
        return cls(role, subject, tuple(kept["names"]), kept["country"], kept["born"], tuple(kept["goods"]))


def hits(facts: Facts, now: InForce) -> list[Hit]:
    """Every entry that agrees with one of the names, with its best score; every embargo that bars the goods."""
    best: dict[tuple[str, str], Hit] = {}
    for name in facts.names:
        for hit in now.index.search(Claim(name, facts.country, facts.born), now.threshold(facts.role)):
            if hit.entry.key not in best or best[hit.entry.key].score < hit.score:
                best[hit.entry.key] = hit
    found = sorted(best.values(), key=lambda hit: (-hit.score, hit.entry.key))
    return [*found, *_barred(facts, now)]


def _barred(facts: Facts, now: InForce) -> list[Hit]:
    if facts.role != "destination":
        return []
    rows = [
        row
        for row in now.embargoes
        if row.country == facts.country and any(code.startswith(row.hs_prefix) for code in facts.goods or ("",))
    ]
    return [
        Hit(_entry(f"{r.country}-{r.hs_prefix or 'all'}", r.source), r.source, 100.0, _why(r.hs_prefix)) for r in rows
    ]


def _entry(number: str, source: str) -> Listed:
    return Listed((EMBARGO, number), "destination", (source,), (number[:2],), (), source[:64])


def _why(prefix: str) -> tuple[str, ...]:
    return (f"goods:{prefix}",) if prefix else ("destination",)
