"""What officers and admins do: review, watch the books, export the trail."""

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

# ruff: noqa: E402, F401
from . import (
    applications,
    audit,
    audits,
    books,
    disputes,
    exports,
    figures,
    findings,
    given_up,
    home,
    identities,
    journal,
    laws,
    proposals,
    reconciliation,
    scans,
    staff,
    wrecks,
)
