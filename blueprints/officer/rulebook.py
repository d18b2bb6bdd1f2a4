"""What qualification goes by today: the dated rows, each with its source."""

from __future__ import annotations

from flask import render_template

from blueprints import qualification
from blueprints.guard import actor, guarded
from compliance.qualification import rulebook

from . import bp


@bp.get("/applications/rules")
@guarded("application.review")
def qualification_rules() -> str:
    return render_template(
        "officer/qualification_rules.html", console=True, rules=rulebook.today(actor()), words=qualification
    )
