"""A merchant's money: what is coming, and where it goes."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.stepped import stepped_up
from daigou.core.errors import Impossible, Unavailable
from daigou.core.i18n import _
from daigou.payments import onboarding, words
from daigou.payments import payouts as room

from . import bp


@bp.get("/payouts")
@guarded("payout.onboard")
def payouts() -> ResponseReturnValue:
    return _page()


@bp.post("/payouts/onboard")
@guarded("payout.onboard")
@stepped_up
def onboard_payouts() -> ResponseReturnValue:
    """To the provider's pages. Sent twice, it is the same account: its key is our row's."""
    try:
        return redirect(onboarding.onboard(actor()), 303)
    except (Impossible, Unavailable) as refusal:
        flash(str(refusal.message), "error")
        return _page(), refusal.status


@bp.get("/payouts/return")
@guarded("payout.onboard")
def payouts_return() -> ResponseReturnValue:
    onboarding.came_back(actor())
    flash(_("Thank you. The payment provider checks what you sent; this page shows how it stands."), "info")
    return redirect(url_for("merchant.payouts"), 303)


@bp.get("/payouts/again")
@guarded("payout.onboard")
def payouts_again() -> ResponseReturnValue:
    """The provider's link was old or used. A new one needs a click, for a GET must not make one."""
    flash(_("That page had expired. Go on from here: nothing you sent was lost."), "warning")
    return redirect(url_for("merchant.payouts"), 303)


def _page() -> str:
    page = room.releases(actor(), request.args.get("cursor"))
    return render_template(
        "merchant/payouts.html", console=True, view=room.overview(actor()), releases=page, waiting=words.waiting
    )
