"""What officers write down while they review: notes for each other, and the points of the check-list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, or_, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import conflicts
from .models import Application, ApplicationNote, ChecklistRule, ChecklistTick
from .words import POINTS

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the check-list."""

    name: str
    source: str
    done: bool
    officer_id: UUID | None = None  # who ticked it, and when
    at: datetime | None = None


def write(actor: Actor, ref: str, words: str) -> ApplicationNote:
    """A note that the applicant never sees. Invalid at ``words`` when it is empty or too long."""
    if not 0 < len(words.strip()) <= LONGEST:
        raise Invalid({"words": lazy("This is needed.")})
    with transaction():
        application = _locked(actor, ref)
        note = ApplicationNote(
            application_id=application.id, subject=application.subject, author_id=actor.account_id
        )
        note.words = words.strip()
        db.session.add(note)
        door.record(actor, application, "noted")
    return note


def notes(application: Application) -> Sequence[ApplicationNote]:
    """Oldest first."""
    statement = select(ApplicationNote).where(ApplicationNote.application_id == application.id)
    return db.session.execute(statement.order_by(ApplicationNote.id).limit(200)).scalars().all()


def points(application: Application, day: date | None = None) -> list[Point]:
    """The check-list of this kind and country today, with what is ticked."""
    today = day or clock.today()
    statement = (
        select(ChecklistRule.point, ChecklistRule.source, ChecklistTick.officer_id, ChecklistTick.created_at)
        .outerjoin(
            ChecklistTick,
            (ChecklistTick.point == ChecklistRule.point) & (ChecklistTick.application_id == application.id),
        )
        .where(
            ChecklistRule.country.in_(("*", application.country)),
            ChecklistRule.applicant.in_(("*", application.kind)),
            ChecklistRule.valid_from <= today,
            or_(ChecklistRule.valid_to.is_(None), ChecklistRule.valid_to > today),
        )
        .order_by(ChecklistRule.id)
    )
    found = {row[0]: Point(row[0], row[1], row[2] is not None, row[2], row[3]) for row in db.session.execute(statement)}
    return list(found.values())


def require_ticks(application: Application) -> None:
    """Impossible to approve while somebody has not looked at each point; says which are left."""
    left = [str(POINTS.get(point.name, point.name)) for point in points(application) if not point.done]
    if left:
        words = lazy("Tick these points of the check-list first: %(points)s", points=" ".join(left))
        raise Impossible("application.checklist", words)


def forget_ticks(application: Application) -> None:
    """What is sent anew is looked at anew. In the caller's transaction."""
    db.session.execute(delete(ChecklistTick).where(ChecklistTick.application_id == application.id))


def tick(actor: Actor, ref: str, done: Sequence[str]) -> None:
    """These points have been looked at; the others have not (any more)."""
    with transaction():
        application = _locked(actor, ref)
        known = {point.name for point in points(application)}
        wanted = known & set(done)
        statement = select(ChecklistTick).where(ChecklistTick.application_id == application.id)
        before = {row.point: row for row in db.session.execute(statement).scalars()}
        for name in wanted - before.keys():
            db.session.add(ChecklistTick(application_id=application.id, point=name, officer_id=actor.account_id))
        for name in before.keys() - wanted:
            db.session.delete(before[name])
        if wanted != before.keys():
            door.record(actor, application, "ticked", points=sorted(wanted))


def _locked(actor: Actor, ref: str) -> Application:
    require(actor, "application.review")
    application = load_locked(Application, ref=ref)
    conflicts.require_none(actor, application)
    return application
