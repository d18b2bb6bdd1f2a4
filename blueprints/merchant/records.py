"""Proof of what one sold: what the audit log holds of the merchant's part of an order."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from blueprints import records as pages
from blueprints.guard import actor, guarded
from daigou.casework import records

from . import bp


@bp.get("/orders/<ref>/record")
@guarded("merchant.work")
def item_record(ref: str) -> str:
    found = records.of_merchant(actor(), ref)
    return pages.page(found, url_for("merchant.order_item", ref=ref), url_for("merchant.item_record_file", ref=ref))


@bp.get("/orders/<ref>/record.json")
@guarded("merchant.work")
def item_record_file(ref: str) -> ResponseReturnValue:
    response: ResponseReturnValue = pages.download(records.of_merchant(actor(), ref))
    return response
