"""Invoices for our own fees, for those whom they concern."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.invoicing import showing

from . import bp


@bp.get("/invoices")
@guarded("account.use")
def invoices() -> str:
    return render_template("account/invoices.html", page=showing.of_shopper(actor(), request.args.get("cursor")))


@bp.get("/invoices/<number>.pdf")
@guarded("invoice.view")
def invoice(number: str) -> ResponseReturnValue:
    response = Response(showing.pdf(actor(), number), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{number}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response
