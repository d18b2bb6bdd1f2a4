"""What officers and admins do: review, watch the books, export the trail."""

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

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
)
