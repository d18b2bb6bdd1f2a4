"""Merchants who have asked this person to work for them."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.accounts import members as service
from daigou.core.i18n import _

from . import bp


@bp.get("/account/invitations")
@guarded("member.join")
def invitations() -> str:
    return render_template("account/invitations.html", waiting=service.waiting(actor()))


@bp.post("/account/invitations/<ref>/accept")
@guarded("member.join")
def accept_merchant(ref: str) -> ResponseReturnValue:
    service.accept(actor(), ref)
    flash(_("You work with them now. What you may do is in the merchant’s pages."), "success")
    return redirect(url_for("merchant.dashboard"), 303)


@bp.post("/account/invitations/<ref>/decline")
@guarded("member.join")
def decline_merchant(ref: str) -> ResponseReturnValue:
    service.decline(actor(), ref)
    flash(_("You have said no. They can’t see your account."), "success")
    return redirect(url_for("account.invitations"), 303)
