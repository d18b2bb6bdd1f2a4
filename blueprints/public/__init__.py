"""The shop window: what everybody may see."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from . import files  # noqa: E402, F401
from . import health  # noqa: E402, F401
from . import log  # noqa: E402, F401
from . import metrics  # noqa: E402, F401
from . import passport  # noqa: E402, F401
