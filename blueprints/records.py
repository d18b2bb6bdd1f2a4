"""The page and the file of an order's record, the same for its shopper and its merchant."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, render_template

from blueprints.entries import label, sign
from daigou.casework import records
from daigou.casework.records import OrderRecord


def page(found: OrderRecord, back: str, file_url: str) -> str:
    return render_template(
        "shopper/record.html", found=found, back=back, file_url=file_url, label=label, sign=sign,
        origin=current_app.extensions["config"].log_origin, host=current_app.extensions["config"].base_url,
    )  # fmt: skip


def download(found: OrderRecord) -> Any:
    """The same as JSON; 404 by its absence while nothing of it is signed."""
    content = records.file_of(found)
    response = Response(content, mimetype="application/json", status=200 if content else 404)
    response.headers.set("Content-Disposition", "attachment", filename=f"{found.ref}-record.json")
    response.headers["Cache-Control"] = "no-store"
    return response
