"""One's own consents: what was said yes to, and taking it back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from compliance.privacy import consents as service
from daigou.core.i18n import _

from . import bp, your_data


@bp.get("/account/privacy")
@guarded("consent.give")
def privacy() -> str:
    who = actor()
    if signalled():
        service.honour_signal(who)
    return render_template(
        "account/privacy.html", texts=service.TEXTS, now=service.of(who.account_id), history=_history(),
        signal=signalled(), data=your_data.overview(who),
    )  # fmt: skip


@bp.post("/account/privacy/consents/<kind>")
@guarded("consent.give")
def consent(kind: str) -> ResponseReturnValue:
    service.record(actor(), [kind], given=request.form.get("given") == "yes", channel="page")
    flash(_("Written down. It counts from now on."), "success")
    return redirect(url_for("account.privacy"), 303)


def signalled() -> bool:
    """Global Privacy Control: the browser speaks for its person."""
    return request.headers.get("Sec-GPC") == "1"


def _history():  # type: ignore[no-untyped-def]
    return service.history(actor().account_id, request.args.get("cursor"))  # type: ignore[arg-type]
