"""What merchants are told of their life here, in their owner's language. The same news is told once."""

from __future__ import annotations

from flask_babel import format_date

from daigou.accounts.models import Merchant
from daigou.core.i18n import _, ngettext
from daigou.notices.service import speaking, tell

from . import standing
from .life_models import AuthenticityTest, Suspension
from .life_rules import SUSPEND_REASONS
from .models import Application, Paper
from .words import PAPERS

PAGE = "/merchant/qualification"


def paper_ends(merchant: Merchant, paper: Paper, days: int) -> None:
    owner = standing.owner_of(merchant.id)
    with speaking(owner.locale, owner.zone):
        title = ngettext(
            "A paper of yours ends within %(num)d day", "A paper of yours ends within %(num)d days", days
        )
        body = _(
            "%(paper)s is valid until %(day)s. Send the new one in time: without it your listings rest.",
            paper=PAPERS[paper.kind], day=format_date(paper.valid_to, "long"),
        )  # fmt: skip
        tell(owner.id, "merchant.paper_ends", title, body, PAGE, once=f"{paper.ref}/{days}")


def paper_ended(merchant: Merchant, kind: str) -> None:
    owner = standing.owner_of(merchant.id)
    with speaking(owner.locale, owner.zone):
        title = _("Your listings rest: a paper has ended")
        body = _(
            "%(paper)s is no longer valid. Send the new one; when it is accepted, your listings are on show again.",
            paper=PAPERS[kind],
        )
        tell(owner.id, "merchant.paper_ended", title, body, PAGE)


def changed(application: Application) -> None:
    owner = standing.owner_of(application.merchant_id)  # type: ignore[arg-type]
    with speaking(owner.locale, owner.zone):
        tell(owner.id, "merchant.changed", _("Your change is accepted"), _("It is in force from now on."), PAGE)


def suspended(merchant: Merchant, suspension: Suspension) -> None:
    owner = standing.owner_of(merchant.id)
    with speaking(owner.locale, owner.zone):
        reason = SUSPEND_REASONS[suspension.reason_code]
        body = _(
            "%(reason)s\n%(words)s\nYour listings rest, and orders that are under way go on. If this is wrong, appeal: "
            "another officer decides.",
            reason=reason, words=suspension.words,
        )  # fmt: skip
        tell(owner.id, "merchant.suspended", _("Your shop is suspended"), body, PAGE)


def appeal_decided(merchant: Merchant, suspension: Suspension) -> None:
    owner = standing.owner_of(merchant.id)
    with speaking(owner.locale, owner.zone):
        lifted = suspension.is_("lifted")
        title = _("Your shop is open again") if lifted else _("Your appeal did not succeed")
        tell(owner.id, "merchant.appeal_decided", title, suspension.decision, PAGE)


def test_failed(merchant: Merchant, test: AuthenticityTest) -> None:
    owner = standing.owner_of(merchant.id)
    with speaking(owner.locale, owner.zone):
        body = _(
            "The test %(ref)s found that a sample of your goods is not genuine. Your listings rest while an officer "
            "looks into it.",
            ref=test.ref,
        )
        tell(owner.id, "merchant.test_failed", _("A sample failed its test"), body, PAGE, once=test.ref)


def closed(merchant: Merchant) -> None:
    owner = standing.owner_of(merchant.id)
    with speaking(owner.locale, owner.zone):
        body = _("Everything is settled. Your own account stays open for shopping.")
        tell(owner.id, "merchant.closed", _("Your shop is closed"), body, "/account")
