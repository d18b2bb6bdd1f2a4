"""Signing up, in and out, and one's own settings."""

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/account")
