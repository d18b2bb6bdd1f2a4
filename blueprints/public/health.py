"""Whether the process lives, and whether everything behind it answers."""

from __future__ import annotations

from flask import current_app, jsonify
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from blueprints.security import over_http

from . import bp


@bp.get("/healthz")
@guarded("public.view")
@over_http
def healthz() -> ResponseReturnValue:
    """The process answers: nothing else is asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
@guarded("public.view")
@over_http
def readyz() -> ResponseReturnValue:
    """Everything behind it answers; 503 with the names of what does not."""
    checks = {name: check() for name, check in current_app.extensions["readiness"].items()}
    status = 200 if all(checks.values()) else 503
    return jsonify(
        status="ready" if status == 200 else "not ready", sandbox=current_app.config["SANDBOX"], checks=checks
    ), status
