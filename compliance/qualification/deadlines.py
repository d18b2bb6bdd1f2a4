"""When an application must be decided, and its place in the queue."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.i18n import _
from daigou.notices import recipients
from daigou.notices.service import speaking, tell

from .models import Application

SYSTEM = system("qualification")
PATIENCE = timedelta(days=2)  # what applicants are told; later ones stand out in the queue
LATE = 0
BATCH = 200


def begin(application: Application) -> None:
    """At each sending. The risk and the rank follow from the checks."""
    application.due_at = clock.now() + PATIENCE


def remind() -> int:
    """The job: those whose time is over go to the head of the queue, and who has taken one is told. How many."""
    statement = select(Application).where(
        Application.state.in_(("submitted", "in_review")), Application.rank > LATE, Application.due_at <= clock.now()
    )
    with transaction():
        rows = db.session.execute(statement.limit(BATCH).with_for_update(skip_locked=True)).scalars().all()
        for row in rows:
            row.rank = LATE
            if row.reviewer_id is not None:
                _tell(row)
    return len(rows)


def _tell(row: Application) -> None:
    reviewer = row.reviewer_id
    assert reviewer is not None
    to = recipients.find(reviewer)
    with speaking(to.locale, to.zone):
        title = _("The application %(ref)s is late", ref=row.ref)
        body = _("You have taken it, and the two working days are over. Decide on it, or hand it over.")
        tell(reviewer, "application.late", title, body, f"/officer/applications/{row.ref}", once=(row.id, row.due_at))
