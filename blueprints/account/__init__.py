"""Signing up, in and out, one's own settings, notices and files."""

from flask import Blueprint

bp = Blueprint("account", __name__)

from . import documents, entering, invoices, joining, notices, preferences, recovery, settings  # noqa: E402, F401
