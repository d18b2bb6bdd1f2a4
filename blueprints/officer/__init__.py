"""What officers and admins do: review, watch the books, export the trail."""

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

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
