"""What applicants are told, in their language."""

from __future__ import annotations

from contextlib import AbstractContextManager

from daigou.accounts.models import Account
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices.service import speaking, tell

from .models import Application
from .words import PAPERS, REASONS

STATUS = "/merchant/apply"


def received(application: Application) -> None:
    with _speaking(application):
        title = _("We have your application %(ref)s", ref=application.ref)
        body = _("An officer reads it and the papers, usually within two working days. You need not do anything now.")
        tell(application.account_id, "application.submitted", title, body, STATUS)


def asked(application: Application, question: str) -> None:
    with _speaking(application):
        title = _("We need something more for %(ref)s", ref=application.ref)
        said, then = _("The officer writes:"), _("Answer on the page of your application and send it again.")
        body = "\n".join((said, question, then))
        tell(application.account_id, "application.asked", title, body, STATUS)


def approved(application: Application) -> None:
    with _speaking(application):
        title = _("You are a verified merchant now")
        body = _("Every paper was accepted. You can list items and quote sourcing requests from now on.")
        tell(application.account_id, "application.approved", title, body, "/merchant")


def rejected(application: Application, reason: str) -> None:
    with _speaking(application):
        title = _("Your application %(ref)s was rejected", ref=application.ref)
        body = _(
            "The officer gives this reason:\n%(reason)s\nYou may apply again when it no longer holds.", reason=reason
        )
        tell(application.account_id, "application.rejected", title, body, STATUS)


def paper_question(application: Application, kind: str, code: str, words: str) -> str:
    """What is asked about a paper, in the applicant's language; the officer's own words follow as they are."""
    with _speaking(application):
        said = [f"{PAPERS[kind]}: {REASONS[code]}"] if code != "other" else [str(PAPERS[kind])]
        return "\n".join([*said, *([words] if words.strip() else [])])


def handed_over(application: Application, officer: Account) -> None:
    with speaking(officer.locale, officer.zone):
        title = _("The application %(ref)s is handed to you", ref=application.ref)
        body = _("Another officer asks you to go on with it.")
        tell(officer.id, "application.handed_over", title, body, f"/officer/applications/{application.ref}")


def _speaking(application: Application) -> AbstractContextManager[None]:
    applicant = db.session.get_one(Account, application.account_id)
    return speaking(applicant.locale, applicant.zone)
