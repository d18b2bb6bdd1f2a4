"""What officers and admins do: review, watch the books, export the trail. Every file here is one feature."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

for feature in iter_modules(__path__):
    import_module(f"{__name__}.{feature.name}")
