"""What support does: returns and cases."""

from flask import Blueprint

bp = Blueprint("support", __name__, url_prefix="/support")

from . import returns  # noqa: E402, F401
