"""What members hear of circles. Words stay on the page, for mail is not sealed."""

from __future__ import annotations

from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices import service as notices
from daigou.risk.models import RiskCase

from . import rules
from .models import Membership, Post, PostReport


def answered(thread: Post, row: Post) -> None:
    """To who opened the thread, once a day at most, unless they want to hear nothing."""
    _of_thread(thread, row, "circle.answered")


def judged(thread: Post, row: Post) -> None:
    """To who asked: a peer has said what they think."""
    _of_thread(thread, row, "circle.judged")


def _of_thread(thread: Post, row: Post, kind: str) -> None:
    told = db.session.get_one(Membership, thread.member_id)
    if row.account_id == thread.account_id or not told.is_told or not told.is_("joined"):
        return
    account = db.session.get_one(Account, thread.account_id)
    with notices.speaking(account.locale, account.zone):
        title = _("An answer in your circle") if row.kind == rules.ANSWER else _("A verdict on what you showed")
        notices.tell(
            account.id, kind, title, _("You can say in the circle that you want to hear of no answers."),
            f"/circles/threads/{thread.ref}", once=f"{thread.id}/{clock.today()}",
        )  # fmt: skip


def decided(row: Post, case: RiskCase) -> None:
    """To the author: what was decided on their post. The page it leads to gives the reasons (DSA art. 17)."""
    account = db.session.get_one(Account, row.account_id)
    with notices.speaking(account.locale, account.zone):
        if case.is_("upheld"):
            title = _("Your post is not shown any more")
            body = _("An officer has decided so. The page says why, and how you can contest it.")
        else:
            title, body = _("Your post is shown again"), _("An officer has looked at it and found nothing wrong.")
        notices.tell(account.id, "circle.decided", title, body, f"/circles/posts/{row.ref}", once=case.id)


def report_decided(report: PostReport, row: Post, case: RiskCase) -> None:
    """To who reported it (DSA art. 16(5))."""
    account = db.session.get_one(Account, report.account_id)
    with notices.speaking(account.locale, account.zone):
        body = _("An officer has looked at the post and found nothing wrong. You can write us a complaint.")
        if case.is_("upheld"):
            body = _("An officer has looked at the post: it is not shown any more. Thank you.")
        title = _("What you reported is decided")
        notices.tell(account.id, "circle.report_decided", title, body, "/help/ask?topic=complaint", once=case.id)


def excluded(row: Membership, post: Post, reason: str) -> None:
    """To a member who may not write in a circle any more, with the officer's reason."""
    account = db.session.get_one(Account, row.account_id)
    with notices.speaking(account.locale, account.zone):
        title = _("You are excluded from a circle")
        redress = _("If you think that this is wrong, write us a complaint; somebody else decides on it.")
        body, url = f"{reason}\n{redress}", f"/circles/posts/{post.ref}"
        notices.tell(account.id, "circle.excluded", title, body, url, once=f"{row.id}/{row.stream_no}")


def readmitted(row: Membership) -> None:
    account = db.session.get_one(Account, row.account_id)
    with notices.speaking(account.locale, account.zone):
        title, body = _("You may join the circle again"), _("An officer has ended your exclusion.")
        notices.tell(account.id, "circle.readmitted", title, body, "/circles", once=f"{row.id}/{row.stream_no}")
