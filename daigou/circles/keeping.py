"""Circles are made by those who work here, and closed by them."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.audit import door
from daigou.catalog.rules import CATEGORIES
from daigou.core import ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from .models import Circle


@dataclass(frozen=True, slots=True)
class Plan:
    """What a circle is about. ``texts`` are {"en": {"name", "about"}, …}; English is always there."""

    category: str
    brand: str
    texts: dict[str, dict[str, str]]


def make(actor: Actor, plan: Plan) -> Circle:
    """A new circle, open at once. Invalid without English words."""
    require(actor, "circle.keep")
    _refuse_incomplete(plan)
    row = Circle(ref=ids.new_ref("CIR"), category=plan.category, brand=plan.brand, texts=plan.texts)
    with transaction():
        door.created(actor, row, category=plan.category, brand=plan.brand, languages=sorted(plan.texts))
        db.session.flush()
    return row


def edit(actor: Actor, ref: str, plan: Plan) -> Circle:
    """Other words, or another thing that it is about."""
    require(actor, "circle.keep")
    _refuse_incomplete(plan)
    with transaction():
        row: Circle = load_locked(Circle, ref=ref)
        row.category, row.brand, row.texts = plan.category, plan.brand, plan.texts
        door.record(actor, row, "edited", category=plan.category, brand=plan.brand, languages=sorted(plan.texts))
    return row


def close(actor: Actor, ref: str) -> Circle:
    """Nobody writes there any more; what was written can still be read."""
    return _move(actor, ref, "close")


def reopen(actor: Actor, ref: str) -> Circle:
    return _move(actor, ref, "reopen")


def _move(actor: Actor, ref: str, name: str) -> Circle:
    with transaction():
        row: Circle = load_locked(Circle, ref=ref)
        door.transition(actor, row, name)
    return row


def _refuse_incomplete(plan: Plan) -> None:
    wrong: dict[str, object] = {}
    if plan.category not in CATEGORIES:
        wrong["category"] = lazy("Choose one of these.")
    if not plan.texts.get("en", {}).get("name"):
        wrong["name"] = lazy("This is needed.")
    if not plan.texts.get("en", {}).get("about"):
        wrong["about"] = lazy("This is needed.")
    if wrong:
        raise Invalid(wrong)
