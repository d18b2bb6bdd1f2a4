"""What support does: returns and cases."""

from flask import Blueprint

bp = Blueprint("support", __name__, url_prefix="/support")
