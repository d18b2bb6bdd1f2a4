"""What shoppers do: cart, orders, parcels, returns."""

from flask import Blueprint

bp = Blueprint("shopper", __name__)

from . import addresses, by_phone, cart, money, orders, parcels, paying, quotes, reports, returns, sourcing  # noqa: E402, F401
