"""The register of processing (GDPR art. 30) and how long things are kept."""

from __future__ import annotations

from flask import current_app, render_template

from blueprints.guard import actor, guarded
from compliance.privacy import purposes, retention

from . import bp


@bp.get("/privacy")
@guarded("privacy.view")
def privacy() -> str:
    return render_template(
        "officer/privacy.html", console=True, purposes=purposes.PURPOSES, columns=purposes.by_purpose(),
        retained=[(row, retention.words_of(row.kind)) for row in retention.table_of_rules(actor())],
        swept=retention.SWEPT, controller=current_app.extensions["config"].base_url,
    )  # fmt: skip
