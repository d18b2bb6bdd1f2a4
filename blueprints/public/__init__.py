"""The shop window: what everybody may see."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from . import (  # noqa: E402, F401
    cards,
    files,
    health,
    help,
    home,
    information,
    item,
    log,
    merchants,
    metrics,
    passport,
    warranty,
)
