"""What shoppers do: cart, orders, parcels, returns."""

from flask import Blueprint

bp = Blueprint("shopper", __name__)

from . import addresses, parcels, paying, reports  # noqa: E402, F401
