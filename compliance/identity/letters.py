"""What people are told of their checks, in their language."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date

from daigou.accounts.models import Account
from daigou.core.db import db
from daigou.core.i18n import _, ngettext
from daigou.notices.service import speaking, tell

from .models import Identity, IdentityCheck
from .words import REFUSALS

PAGE = "/account/identity"


def again(check: IdentityCheck) -> None:
    account = db.session.get_one(Account, check.account_id)
    with speaking(account.locale, account.zone):
        title = _("Your identity check needs another try")
        once = f"{check.id}/{check.refusal}"
        tell(account.id, "identity.again", title, str(REFUSALS[check.refusal]), PAGE, once=once)


def ended(check: IdentityCheck, account: Account) -> None:
    with speaking(account.locale, account.zone):
        if check.is_("verified"):
            title, body = _("Your name is verified"), _("Your limits are higher from now on. The page shows them.")
        else:
            title = _("Your identity check did not pass")
            body = check.reason or str(REFUSALS[check.refusal or "other"])
        tell(account.id, "identity.ended", title, body, PAGE, once=check.id)


def advanced(identity: Identity) -> None:
    account = db.session.get_one(Account, identity.account_id)
    with speaking(account.locale, account.zone):
        title = _("You have the advanced tier now")
        tell(account.id, "identity.advanced", title, _("The page shows what it allows."), PAGE)


def lowered(identity: Identity, reason: str) -> None:
    account = db.session.get_one(Account, identity.account_id)
    with speaking(account.locale, account.zone):
        tell(account.id, "identity.lowered", _("Your account is in the basic tier again"), reason, PAGE)


def document_ends(identity: Identity, ends: date, days: int) -> None:
    """``days`` is the reminder's; each is told once for a document."""
    if identity.account_id is None:
        return
    account = db.session.get_one(Account, identity.account_id)
    with speaking(account.locale, account.zone):
        title = ngettext(
            "Your identity document ends within %(num)d day", "Your identity document ends within %(num)d days", days
        )
        body = _("It is valid until %(day)s. Check your name again with the new one to keep your limits.",
                 day=format_date(ends, "long"))  # fmt: skip
        tell(account.id, "identity.document_ends", title, body, PAGE, once=f"{identity.id}/{ends}/{days}")


def document_ended(identity: Identity) -> None:
    account = db.session.get_one(Account, identity.account_id)
    with speaking(account.locale, account.zone):
        reason = str(_("Your identity document has ended. Check your name again with a valid one."))
    lowered(identity, reason)
