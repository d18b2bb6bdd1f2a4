"""Searches that officers keep, each their own or for all, watched or not."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, or_, select

from compliance.audit import door
from compliance.audit.searching import Facets
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.i18n import lazy

from .models import SavedSearch

MOST: Final = 100
"""Searches that one officer keeps."""
LONGEST_WINDOW: Final = 7 * 24 * 60
MOST_COUNTED: Final = 1_000
HOUSE: Final = {
    "denied": lazy("Many denied attempts"),
    "sign_in": lazy("Many failed sign-ins"),
    "roles": lazy("Roles and rights changed"),
    "personal": lazy("Personal data handed out"),
    "books": lazy("The books do not balance"),
}
"""The searches that the house brings (reference.json), in the reader's words."""
_NAMES: Final = frozenset(f.name for f in fields(Facets))


def keep(
    actor: Actor, name: str, facets: Facets, *, shared: bool = False, threshold: int | None = None,
    minutes: int | None = None,
) -> SavedSearch:  # fmt: skip
    """Keep it under a name. Watched ones are everybody's. Invalid by field."""
    require(actor, "audit.view")
    _check(name, facets, threshold, minutes)
    with transaction():
        if len(db.session.scalars(_own(actor).limit(MOST)).all()) >= MOST:
            raise Impossible("search.too_many", lazy("You keep too many searches. Drop one that you no longer need."))
        row = SavedSearch(
            ref=ids.new_ref("SRC"), name=name.strip(), owner=actor.account_id, shared=shared or threshold is not None,
            facets=plain(facets), threshold=threshold, minutes=minutes,
        )  # fmt: skip
        db.session.add(row)
        door.note(actor, f"saved_search/{row.id}", "saved_search:kept", search=row.ref, watched=threshold is not None)
    return row


def drop(actor: Actor, ref: str) -> None:
    """One's own, or one that the house brought: those are anybody's to drop, and that they did is written down."""
    with transaction():
        row = load_locked(SavedSearch, ref=ref, dropped_at=None)
        require(actor, "audit.view")
        if row.owner not in (None, actor.account_id):
            raise NotFound("search.foreign", lazy("There is no such thing here, or it is not yours."))
        row.dropped_at = clock.now()
        door.note(actor, f"saved_search/{row.id}", "saved_search:dropped", search=row.ref, house=row.code)


def known_to(actor: Actor) -> list[SavedSearch]:
    """One's own and the shared ones, by name."""
    require(actor, "audit.view")
    mine = or_(SavedSearch.owner == actor.account_id, SavedSearch.shared)
    rows = select(SavedSearch).where(SavedSearch.dropped_at.is_(None), mine).order_by(SavedSearch.name).limit(500)
    return list(db.session.scalars(rows))


def find(ref: str) -> SavedSearch:
    found: SavedSearch = load(SavedSearch, ref=ref)
    return found


def name_of(row: SavedSearch) -> str:
    return str(HOUSE.get(row.code or "", row.name))


def plain(facets: Facets) -> dict[str, str]:
    """As JSON."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in facets.given().items()}


def facets_of(row: SavedSearch, **more: Any) -> Facets:
    given = {k: v for k, v in row.facets.items() if k in _NAMES}
    times: dict[str, Any] = {k: datetime.fromisoformat(given[k]) for k in ("since", "until") if k in given}
    every: dict[str, Any] = {**given, **times, **more}
    return Facets(**every)


def _own(actor: Actor) -> Select[Any]:
    return select(SavedSearch.id).where(SavedSearch.owner == actor.account_id, SavedSearch.dropped_at.is_(None))


def _check(name: str, facets: Facets, threshold: int | None, minutes: int | None) -> None:
    wrong: dict[str, object] = {}
    if not name.strip():
        wrong["name"] = lazy("Give it a name by which you find it again.")
    if not facets.given():
        wrong["name"] = lazy("Narrow the search down first: everything needs no name.")
    if (threshold is None) != (minutes is None):
        wrong["threshold"] = lazy("An alert needs both: how many, and within how many minutes.")
    if threshold is not None and not 1 <= threshold <= MOST_COUNTED:
        wrong["threshold"] = lazy("A whole number between %(least)d and %(most)d.", least=1, most=MOST_COUNTED)
    if minutes is not None and not 1 <= minutes <= LONGEST_WINDOW:
        wrong["minutes"] = lazy("A whole number between %(least)d and %(most)d.", least=1, most=LONGEST_WINDOW)
    if wrong:
        raise Invalid(wrong)
