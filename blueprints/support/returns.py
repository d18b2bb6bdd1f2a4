"""Returns that a person decides: the queue, the matter, yes or no with a reason."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import returns as words
from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from daigou.aftersales import labels, service
from daigou.core.i18n import _, lazy

from . import bp

TABS = ("opened", "approved", "refunding", "refunded", "declined")


class RulingForm(FlaskForm):
    reason = Passage(lazy("Reason, as the shopper will read it"), 1000, required=True)


@bp.get("/returns")
@guarded("support.work")
def returns() -> ResponseReturnValue:
    return _page()


@bp.get("/returns/<ref>")
@guarded("support.work")
def return_case(ref: str) -> ResponseReturnValue:
    return _page(ref, RulingForm(formdata=None))


@bp.post("/returns/<ref>/approve")
@guarded("return.decide")
def approve_return(ref: str) -> ResponseReturnValue:
    return _decide(ref, service.approve, _("Approved. The shopper has been told where to send it, or gets the refund."))


@bp.post("/returns/<ref>/decline")
@guarded("return.decide")
def decline_return(ref: str) -> ResponseReturnValue:
    return _decide(ref, service.decline, _("Declined. The shopper reads your reason."))


@bp.post("/returns/<ref>/lost")
@guarded("return.decide")
def lost_return(ref: str) -> ResponseReturnValue:
    service.lose(actor(), ref)
    flash(_("The refund is on its way. What the insurer owes stands on the page of the parcel."), "success")
    return redirect(url_for("support.returns"), 303)


def _decide(ref: str, decision: Any, done: str) -> ResponseReturnValue:
    form = RulingForm()
    if not form.validate():
        return _page(ref, form), 422
    decision(actor(), ref, form.reason.data)
    flash(done, "success")
    return redirect(url_for("support.returns"), 303)


def _page(ref: str | None = None, form: RulingForm | None = None) -> str:
    state = request.args.get("state", "opened")
    page = service.queue(state if state in TABS else "opened", request.args.get("cursor"))
    case, item = service.view(actor(), ref) if ref else (None, None)
    return render_template(
        "support/returns.html",
        console=True,
        state=state,
        page=page,
        items=service.items_of(page.rows),
        case=case,
        item=item,
        form=form,
        photos=service.photos_of(case) if case else [],
        label=labels.of_case(case) if case else None,
        verdict=words.VERDICTS.get(service.verdict_of(item) or "") if item else None,
        tabs_of=[(words.STATES[s][0], url_for("support.returns", state=s), s == state) for s in TABS],
        words=words,
    )
