"""What providers tell us."""

from flask import Blueprint

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

from . import stripe  # noqa: E402, F401
