"""What shoppers do: cart, orders, parcels, returns."""

from flask import Blueprint

bp = Blueprint("shopper", __name__)

from . import (  # noqa: E402, F401
    addresses,
    by_phone,
    cart,
    held_payments,
    money,
    orders,
    parcels,
    paying,
    questions,
    quotes,
    records,
    refunds,
    reports,
    returns,
    reviews,
    sourcing,
    warranty,
)
