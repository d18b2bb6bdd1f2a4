"""What support does: returns, repairs and cases."""

from flask import Blueprint

bp = Blueprint("support", __name__, url_prefix="/support")

from . import returns, warranty  # noqa: E402, F401
