"""What providers tell us."""

from flask import Blueprint

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

from . import easypost, stripe  # noqa: E402, F401
