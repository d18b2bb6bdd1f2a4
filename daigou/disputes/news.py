"""Officers hear of a case when it comes, when its answer is refused, and when it is decided."""

from __future__ import annotations

from uuid import UUID

from daigou.core.db import load, transaction
from daigou.core.i18n import _, format_moment, format_money
from daigou.notices import service as notices
from daigou.payments.news import officers

from .models import Dispute


def opened(dispute_id: UUID) -> None:
    _tell(dispute_id, "opened", lambda row: (
        _("A bank disputes the payment of %(ref)s", ref=row.order_ref),
        _(
            "%(amount)s is at stake. The evidence is gathered; send it before %(moment)s.",
            amount=format_money(row.amount), moment=format_moment(row.due_at),
        ),
    ))  # fmt: skip


def refused(dispute_id: UUID) -> None:
    _tell(dispute_id, f"refused/{load(Dispute, id=dispute_id).tries}", lambda row: (
        _("The evidence for %(ref)s was not taken", ref=row.order_ref),
        _("The case page says why. Send it again before %(moment)s.", moment=format_moment(row.due_at)),
    ))  # fmt: skip


def decided(dispute_id: UUID) -> None:
    _tell(dispute_id, "decided", lambda row: (
        _("The bank decided for us: %(ref)s", ref=row.order_ref)
        if row.is_("won")
        else _("The bank decided against us: %(ref)s", ref=row.order_ref),
        _("What was held and what it cost stands on the case page."),
    ))  # fmt: skip


def _tell(dispute_id: UUID, step: str, words):  # type: ignore[no-untyped-def]
    with transaction():
        row = load(Dispute, id=dispute_id)
        for account in officers():
            with notices.speaking(account.locale, account.zone):
                title, body = words(row)
                url, once = f"/officer/disputes/{row.ref}", f"{row.id}/{step}"
                notices.tell(account.id, f"dispute.{step.partition('/')[0]}", title, body, url, once=once)
