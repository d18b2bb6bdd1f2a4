"""The shop window: what everybody may see."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from . import (  # noqa: E402, F401
    cards,
    files,
    health,
    home,
    information,
    item,
    metrics,
    passport,
)
