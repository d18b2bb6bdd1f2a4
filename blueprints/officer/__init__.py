"""What officers and admins do: review, watch the books, export the trail. Every file here is one feature."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

for feature in iter_modules(__path__):
    import_module(f"{__name__}.{feature.name}")
from . import (  # noqa: E402, F401  # noqa: E402, F401, I001
    applications,
    audit,
    audits,
    books,
    exports,
    findings,
    home,
    identities,
    laws,
    proposals,
    scans,
    screening,
    staff,
from . import (  # noqa: E402
    applications,  # noqa: F401
    audit,  # noqa: F401
    audits,  # noqa: F401
    books,  # noqa: F401
    exports,  # noqa: F401
    findings,  # noqa: F401
    home,  # noqa: F401
    identities,  # noqa: F401
    laws,  # noqa: F401
    proposals,  # noqa: F401
    scans,  # noqa: F401
    staff,  # noqa: F401
)
