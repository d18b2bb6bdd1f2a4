"""What runs by the calendar, and the letters of it. Each may run twice."""

from __future__ import annotations

from uuid import UUID

from daigou.core.db import load, transaction
from daigou.core.i18n import _, format_moment
from daigou.notices import recipients
from daigou.notices.service import speaking, tell

from . import breaches, erasing, expiring, exporting, leftovers, letters, regulators, replaying, retention, rules
from .models import Breach, RegulatorRequest


def sweep_retention() -> None:
    retention.sweep()
    leftovers.let_go()
    leftovers.sweep()


def remind() -> None:
    breaches.remind()
    regulators.remind()


def breach_due(breach_id: str) -> None:
    """To whoever entered the leak: how long is left to tell the authority."""
    with transaction():
        row = load(Breach, id=UUID(breach_id))
        if not row.is_(*breaches.OPEN):
            return
        to = recipients.find(row.noticed_by)
        with speaking(to.locale, to.zone):
            until = format_moment(rules.authority_due(row.noticed_at))
            title = _("A leak must be reported by %(when)s", when=until)
            body = _(
                "%(ref)s is not reported yet. Assess it, and tell the authority or write down why not.", ref=row.ref
            )
            tell(
                row.noticed_by, "breach.due", title, body, f"/officer/breaches/{row.ref}", once=(row.id, row.reminders)
            )


def regulator_due(request_id: str) -> None:
    """To whoever took the request, or entered it."""
    with transaction():
        row = load(RegulatorRequest, id=UUID(request_id))
        if not row.is_(*regulators.OPEN):
            return
        who = row.owner or row.entered_by
        to = recipients.find(who)
        with speaking(to.locale, to.zone):
            title = _("An authority waits for an answer until %(day)s", day=row.due_on.isoformat())
            body = _("%(ref)s of %(authority)s is not answered yet.", ref=row.ref, authority=row.authority)
            tell(who, "regulator.due", title, body, f"/officer/regulators/{row.ref}", once=(row.id, row.reminders))


def make_copy(request_id: str) -> None:
    exporting.build(UUID(request_id))


def erase(request_id: str) -> None:
    erasing.run(UUID(request_id))


def erasure_asked(request_id: str) -> None:
    letters.asked(UUID(request_id))


def request_decided(request_id: str) -> None:
    letters.decided(UUID(request_id))


def erase_due() -> None:
    """Nightly: what erasures had left, what slow jobs wrote after them, copies and search words past their days."""
    expiring.run_due()
    replaying.replay()
    expiring.expire()
