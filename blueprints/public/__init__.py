"""The shop window: what everybody may see."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from . import cards, circles, files, health, help, home, information, item, log, merchants, metrics, passport  # noqa: E402, F401
