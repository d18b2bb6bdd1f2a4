"""Proof of one's order: what the audit log holds of it, to look at and to take along."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from blueprints import records as pages
from blueprints.guard import actor, guarded
from daigou.casework import records

from . import bp


@bp.get("/orders/<ref>/record")
@guarded("order.view")
def order_record(ref: str) -> str:
    found = records.of_shopper(actor(), ref)
    return pages.page(found, url_for("shopper.order", ref=ref), url_for("shopper.order_record_file", ref=ref))


@bp.get("/orders/<ref>/record.json")
@guarded("order.view")
def order_record_file(ref: str) -> ResponseReturnValue:
    response: ResponseReturnValue = pages.download(records.of_shopper(actor(), ref))
    return response
