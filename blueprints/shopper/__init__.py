"""What shoppers do: cart, orders, parcels, returns."""

from flask import Blueprint

bp = Blueprint("shopper", __name__)

from . import addresses, cart, orders, paying, quotes, reports, sourcing  # noqa: E402, F401
