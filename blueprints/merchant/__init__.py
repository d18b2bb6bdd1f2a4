"""What merchants do: apply, list, quote, purchase, get paid."""

from flask import Blueprint

bp = Blueprint("merchant", __name__, url_prefix="/merchant")

from . import (  # noqa: E402, F401
    apply,
    bank,
    bulk,
    cover,
    dashboard,
    listings,
    members,
    orders,
    papers,
    payouts,
    photos,
    qualification,
    records,
    reviews,
    sourcing,
)
