"""What people type: references of things, and the stream that each has."""

from __future__ import annotations

import re

from sqlalchemy import String, cast, literal, select, union_all

from daigou.core.db import Base, db
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy

_REFERENCE = re.compile(r"[A-Z]{2,5}-[0-9A-Z]{4,16}")
_SUBJECT = re.compile(r"sub_[0-9a-f]{24}|system:[a-z_.]{1,40}")


def reference(typed: str) -> str | None:
    """The reference that somebody typed, as it is written: ``ORD-7K3M9Q2XW4``, ``sub_…``. None when it is none."""
    plain = typed.strip().strip("\u200e\u200f\u2066\u2067\u2068\u2069")
    if _SUBJECT.fullmatch(plain.lower()):
        return plain.lower()
    return plain.upper() if _REFERENCE.fullmatch(plain.upper()) else None


def stream_of(ref: str) -> str:
    """The stream of whatever row has this reference: tables are found by their columns, so no room is imported."""
    ref = reference(ref) or ""
    named = [m.class_ for m in Base.registry.mappers if hasattr(m.class_, "machine") and hasattr(m.class_, "ref")]
    parts = [select(literal(c.machine.name + "/") + cast(c.id, String)).where(c.ref == ref) for c in named]
    found = db.session.execute(union_all(*parts)).scalars().first()
    if found is None:
        words = lazy("The log knows nothing of this reference. Check how it is written.")
        raise NotFound("audit.nothing", words)
    return str(found)
