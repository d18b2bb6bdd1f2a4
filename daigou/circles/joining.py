"""Joining a circle under a name of one's choice, and leaving it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import advisory_lock, db, find, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.risk import words as watch

from . import rules
from .models import Circle, Membership

FAULTS = {
    "length": lazy("Two letters or digits at least, and %(most)d characters at most.", most=rules.ALIAS_MOST),
    "reserved": lazy("This sounds like somebody of ours. Choose another name."),
    "own_name": lazy("This is your own name, which strangers would read. Choose another one."),
}


def join(actor: Actor, circle_ref: str, alias: str) -> Membership:
    """Come in, come back, or bear another name from now on. Invalid at ``alias``; Impossible for who was excluded."""
    require(actor, "circle.join")
    with transaction():
        circle: Circle = load(Circle, ref=circle_ref)
        _refuse_closed(circle)
        advisory_lock(f"membership/{circle.id}/{actor.account_id}")
        _refuse_alias(actor, alias)
        row = of(actor, circle.id, locked=True)
        if row is None:
            return _joined(actor, circle, alias)
        _refuse_excluded(row)
        row.alias, row.alias_key = alias, rules.key_of(alias)
        if row.is_("left"):
            door.transition(actor, row, "return")
        else:
            door.record(actor, row, "renamed")
        return row


def leave(actor: Actor, circle_ref: str) -> Membership:
    """Out of it. What was written stays, by "a former member"; it can be withdrawn one by one."""
    with transaction():
        row = _own(actor, circle_ref)
        door.transition(actor, row, "leave")
    return row


def choose_notices(actor: Actor, circle_ref: str, is_told: bool) -> Membership:
    """Whether to hear of answers to one's threads."""
    with transaction():
        row = _own(actor, circle_ref)
        row.is_told = is_told
        door.record(actor, row, "notices_chosen", told=is_told)
    return row


def of(actor: Actor, circle_id: UUID, *, locked: bool = False) -> Membership | None:
    """The actor's own membership, whatever its state."""
    if actor.account_id is None:
        return None
    found: Membership | None = find(Membership, account_id=actor.account_id, circle_id=circle_id)
    if found is not None and locked:
        found = load_locked(Membership, id=found.id)
    return found


def speaking(actor: Actor, circle: Circle) -> Membership:
    """The membership of somebody who may write here now. Impossible for others, with what to do about it."""
    _refuse_closed(circle)
    row = of(actor, circle.id)
    if row is not None:
        _refuse_excluded(row)
    if row is None or not row.is_("joined"):
        raise Impossible("circle.not_member", lazy("Join the circle first, under a name that you choose."))
    return row


def last_alias(actor: Actor) -> str:
    """The name that somebody bears in the circle they joined last, to be offered again."""
    statement = select(Membership.alias).filter_by(account_id=actor.account_id).order_by(Membership.created_at.desc())
    return str(db.session.execute(statement.limit(1)).scalar_one_or_none() or "")


def _own(actor: Actor, circle_ref: str) -> Membership:
    circle: Circle = load(Circle, ref=circle_ref)
    row = of(actor, circle.id, locked=True)
    if row is None:
        raise Impossible("circle.not_member", lazy("You are not in this circle."))
    return row


def _joined(actor: Actor, circle: Circle, alias: str) -> Membership:
    who = db.session.get_one(Account, actor.account_id)
    row = Membership(
        circle_id=circle.id, account_id=who.id, subject=who.subject, alias=alias, alias_key=rules.key_of(alias),
        is_told=True,
    )  # fmt: skip
    door.created(actor, row, circle=circle.ref)
    db.session.flush()
    return row


def _refuse_closed(circle: Circle) -> None:
    if not circle.is_("open"):
        raise Impossible("circle.closed", lazy("This circle is closed. It can still be read."))


def _refuse_excluded(row: Membership) -> None:
    if row.is_("excluded"):
        words = lazy("An officer has excluded you from this circle. Your notices say why.")
        raise Impossible("circle.excluded", words)


def _refuse_alias(actor: Actor, alias: str) -> None:
    """No real name, no way to reach somebody, no name of ours, and none that somebody else bears in any circle."""
    name = str(db.session.get_one(Account, actor.account_id).name or "")
    fault = rules.fault_of(alias, name)
    if fault:
        raise Invalid({"alias": FAULTS[fault]})
    if watch.look_in_message(alias, clock.today()):
        raise Invalid({"alias": lazy("Leave out ways to pay or talk elsewhere, and words of forbidden goods.")})
    key = rules.key_of(alias)
    advisory_lock(f"alias/{key}")
    taken = exists().where(Membership.alias_key == key, Membership.account_id != actor.account_id)
    if db.session.execute(select(taken)).scalar_one():
        raise Invalid({"alias": lazy("Somebody else has this name, or one that looks like it.")})
