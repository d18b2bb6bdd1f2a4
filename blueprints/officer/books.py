"""The books, the last check of them, and what money needs a person."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import OneOf
from blueprints.guard import actor, guarded
from blueprints.stepped import stepped_up
from daigou.core.i18n import _, lazy
from daigou.ledger.rules import KINDS
from daigou.payments import books as room
from daigou.payments import waiting
from daigou.payments.escrow import releasing
from daigou.payments.escrow.models import Release
from daigou.payments.paying import wallet
from daigou.payments.paying import words as payment_words
from daigou.payments.refunds import refunding
from daigou.payments.refunds import words as refund_words
from daigou.payments.refunds.models import Refund

from . import bp

WAYS = {
    "original": lazy("The way it was paid"),
    "wallet": lazy("To the shopper’s balance"),
    "bank": lazy("By bank: ask the shopper for an account"),
}


class WayForm(FlaskForm):
    way = OneOf(lazy("Way"), WAYS.items(), required=False)


BANK_STATES = {
    "bank_wanted": (lazy("The shopper was asked for an account"), "info"),
    "bank_named": (lazy("Two officers have to agree"), "warning"),
    "bank_approved": (lazy("Agreed: it may be sent"), "success"),
}


@bp.get("/books")
@guarded("books.view")
def books() -> ResponseReturnValue:
    return _page()


@bp.post("/refunds/<ref>/retry")
@guarded("refund.retry")
@stepped_up
def retry_refund(ref: str) -> ResponseReturnValue:
    form = WayForm()
    if not form.validate():
        return _page(), 422
    refunding.retry(actor(), ref, form.way.data or "original")
    flash(_("Refund %(ref)s is under way again. This page shows how it ends.", ref=ref), "info")
    return redirect(url_for("officer.books"), 303)


@bp.post("/releases/<ref>/retry")
@guarded("release.decide")
@stepped_up
def retry_release(ref: str) -> ResponseReturnValue:
    releasing.retry(actor(), ref)
    flash(_("Payout %(ref)s is tried again. This page shows how it ends.", ref=ref), "info")
    return redirect(url_for("officer.books"), 303)


def _told(code: str | None) -> str:
    """Why a payout failed: what its merchant reads of it."""
    return _("The merchant reads: %(words)s", words=payment_words.waiting(code))


def _page() -> str:
    return render_template(
        "officer/books.html",
        console=True,
        balances=room.balances(),
        kinds=KINDS,
        last=room.last_check(),
        refunds=waiting.troubled(Refund, request.args.get("refunds")),
        by_bank=waiting.by_bank(request.args.get("by_bank")),
        bank_states=BANK_STATES,
        releases=waiting.troubled(Release, request.args.get("releases")),
        why=refund_words.failed,
        told=_told,
        choices={name: words for name, words in WAYS.items() if name != "wallet" or wallet.is_on()},
    )
