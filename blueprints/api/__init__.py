"""Small JSON answers that our own pages poll."""

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api")
