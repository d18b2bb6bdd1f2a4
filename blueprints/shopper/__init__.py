"""What shoppers do: cart, orders, parcels, returns."""

from flask import Blueprint

bp = Blueprint("shopper", __name__)

from . import addresses, reports  # noqa: E402, F401
from . import paying  # noqa: E402, F401
