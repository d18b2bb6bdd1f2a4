"""What comes back from shoppers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import returns as words
from blueprints.guard import actor, guarded
from daigou.aftersales import service
from daigou.core.i18n import _

from . import bp


@bp.get("/returns")
@guarded("return.receive")
def returns() -> ResponseReturnValue:
    """Approved returns that the shopper sends back."""
    page = service.queue("approved", request.args.get("cursor"))
    return render_template(
        "warehouse/returns.html", console=True, page=page, items=service.items_of(page.rows), reasons=words.REASONS
    )


@bp.post("/returns/<ref>/receive")
@guarded("return.receive")
def receive_return(ref: str) -> ResponseReturnValue:
    service.receive(actor(), ref)
    flash(_("Received. The refund is on its way."), "success")
    return redirect(url_for("warehouse.returns"), 303)
