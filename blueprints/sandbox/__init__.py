"""Pages that exist beside the sandbox only."""

from flask import Blueprint

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox")

from . import authenticator, mailbox  # noqa: E402, F401
