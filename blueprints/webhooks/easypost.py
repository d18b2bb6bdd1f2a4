"""The carrier aggregator's webhooks."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from daigou.core.errors import Invalid
from daigou.shipping import inbox

from . import bp

LIMIT = 1024 * 1024


@bp.post("/easypost")
@guarded("hook.deliver")
def easypost() -> ResponseReturnValue:
    """200 for what is let in or known, 400 for a signature that does not hold."""
    request.max_content_length = LIMIT
    try:
        fresh = inbox.receive(request.get_data(), dict(request.headers))
    except Invalid as refused:
        return jsonify(error=refused.code), 400
    return jsonify(received=True, fresh=fresh)
