"""The books, the last check of them, and what money needs a person."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.stepped import stepped_up
from daigou.core.i18n import _
from daigou.ledger.rules import KINDS
from daigou.payments import books as room
from daigou.payments import payouts, refunding, releasing
from daigou.payments.models import Refund, Release

from . import bp


@bp.get("/books")
@guarded("books.view")
def books() -> ResponseReturnValue:
    return render_template(
        "officer/books.html",
        console=True,
        balances=room.balances(),
        kinds=KINDS,
        last=room.last_check(),
        refunds=payouts.troubled(Refund),
        releases=payouts.troubled(Release),
    )


@bp.post("/refunds/<ref>/retry")
@guarded("refund.retry")
@stepped_up
def retry_refund(ref: str) -> ResponseReturnValue:
    refunding.retry(actor(), ref)
    flash(_("Refund %(ref)s is tried again. This page shows how it ends.", ref=ref), "info")
    return redirect(url_for("officer.books"), 303)


@bp.post("/releases/<ref>/retry")
@guarded("release.decide")
@stepped_up
def retry_release(ref: str) -> ResponseReturnValue:
    releasing.retry(actor(), ref)
    flash(_("Payout %(ref)s is tried again. This page shows how it ends.", ref=ref), "info")
    return redirect(url_for("officer.books"), 303)
