"""What we hold and owe in each currency, and what its moves have cost or brought."""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.payments.reporting import exposure as room
from daigou.pricing import service as pricing

from . import bp


@bp.get("/exposure")
@guarded("exposure.view")
def exposure() -> ResponseReturnValue:
    home = current_app.extensions["config"].platform_currency
    positions = room.positions(actor())
    return render_template(
        "officer/exposure.html",
        console=True,
        positions=positions,
        home=home,
        worth={position.currency: pricing.worth(position.open, home) for position in positions},
        results=room.results(actor()),
    )
