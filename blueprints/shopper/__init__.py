"""What shoppers do: cart, orders, parcels, returns."""

from flask import Blueprint

bp = Blueprint("shopper", __name__)

from . import addresses, cart, orders, parcels, paying, quotes, refunds, reports, returns, sourcing  # noqa: E402, F401
