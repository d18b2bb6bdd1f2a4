"""What applicants are told, in their language."""

from __future__ import annotations

from daigou.accounts.models import Account
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices.service import speaking, tell

from .models import Application

STATUS = "/merchant/apply"


def received(application: Application) -> None:
    with speaking(_locale(application)):
        title = _("We have your application %(ref)s", ref=application.ref)
        body = _("An officer reads it and the papers, usually within two working days. You need not do anything now.")
        tell(application.account_id, "application.submitted", title, body, STATUS)


def asked(application: Application, question: str) -> None:
    with speaking(_locale(application)):
        title = _("We need something more for %(ref)s", ref=application.ref)
        said, then = _("The officer writes:"), _("Answer on the page of your application and send it again.")
        body = "\n".join((said, question, then))
        tell(application.account_id, "application.asked", title, body, STATUS)


def approved(application: Application) -> None:
    with speaking(_locale(application)):
        title = _("You are a verified merchant now")
        body = _("Every paper was accepted. You can list items and quote sourcing requests from now on.")
        tell(application.account_id, "application.approved", title, body, "/merchant")


def rejected(application: Application, reason: str) -> None:
    with speaking(_locale(application)):
        title = _("Your application %(ref)s was rejected", ref=application.ref)
        body = _(
            "The officer gives this reason:\n%(reason)s\nYou may apply again when it no longer holds.", reason=reason
        )
        tell(application.account_id, "application.rejected", title, body, STATUS)


def _locale(application: Application) -> str:
    return db.session.get_one(Account, application.account_id).locale
