"""What we told you, on a page."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.notices import service

from . import bp


@bp.get("/account/notices")
@guarded("account.use")
def notices() -> str:
    page = service.mine(actor(), request.args.get("cursor"))
    return render_template("account/notices.html", page=page, unread=service.unread(actor()))


@bp.post("/account/notices/read")
@guarded("account.use")
def read_notices() -> ResponseReturnValue:
    service.mark_read(actor())
    return redirect(url_for("account.notices"), 303)
