"""What merchants do: apply, list, quote, purchase, get paid."""

from flask import Blueprint

bp = Blueprint("merchant", __name__, url_prefix="/merchant")

from . import apply, bank, dashboard, listings, orders, papers, payouts, photos, sourcing  # noqa: E402, F401
from . import apply, dashboard, listings, members, orders, papers, payouts, photos, sourcing  # noqa: E402, F401
