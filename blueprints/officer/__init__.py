"""What officers and admins do: review, watch the books, export the trail."""

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

from . import (  # noqa: E402, F401
    applications,
    audit,
    audits,
    books,
    exports,
    exposure,
    findings,
    home,
    identities,
    laws,
    proposals,
    rates,
    scans,
    staff,
)
