"""What Stripe tells us."""

from flask import request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from daigou.payments import inbox

from . import bp

LARGEST = 512 * 1024


@bp.post("/stripe")
@guarded("hook.deliver")
def stripe() -> ResponseReturnValue:
    """200 once it is written down, whether it is new or not; 400 when the signature does not hold."""
    request.max_content_length = LARGEST
    try:
        fresh = inbox.receive(request.get_data(cache=False), request.headers.get("Stripe-Signature"))
    except inbox.NotSigned as refused:
        return {"error": refused.code}, 400
    return {"received": True, "repeated": not fresh}
