"""Going on by phone: the code on a bill's page, and the page that it leads to."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.guard import actor, guarded
from daigou.core.errors import Impossible, Unavailable
from daigou.core.i18n import _
from daigou.orders.models import Bill
from daigou.payments import service
from daigou.payments.paying import links

from . import bp


def code(bill: Bill) -> Markup:
    """The bill's pay link as a QR code, drawn black on white in any theme so that every camera reads it."""
    drawn = segno.make(links.link_to(bill), error="m", micro=False)
    title = _("Code to pay this bill by phone")
    svg = drawn.svg_inline(omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff", title=title)
    return Markup(svg)  # noqa: S704  our own link, drawn by segno


@bp.get("/pay/<token>")
@guarded("bill.pay_by_link")
def pay_by_link(token: str) -> ResponseReturnValue:
    bill = links.bill_of(token)
    if bill.account_id == actor().account_id:
        return redirect(url_for("shopper.bill", ref=bill.ref), 303)
    return render_template("shopper/by_phone.html", bill=bill, token=token)


@bp.post("/pay/<token>")
@guarded("bill.pay_by_link")
def go_on_by_link(token: str) -> ResponseReturnValue:
    """To the same hosted page as on the other device."""
    bill = links.bill_of(token)
    try:
        return redirect(service.start(links.payer_of(bill), bill.ref), 303)
    except (Impossible, Unavailable) as refusal:
        flash(str(refusal.message), "error")
        return render_template("shopper/by_phone.html", bill=bill, token=token), refusal.status
