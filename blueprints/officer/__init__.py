"""What officers and admins do: review, watch the books, export the trail."""

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

from . import (  # noqa: E402
    applications,  # noqa: F401
    audit,  # noqa: F401
    books,  # noqa: F401
    disputes,  # noqa: F401
    exports,  # noqa: F401
    figures,  # noqa: F401
    given_up,  # noqa: F401
    home,  # noqa: F401
    journal,  # noqa: F401
    proposals,  # noqa: F401
    reconciliation,  # noqa: F401
    staff,  # noqa: F401
    wrecks,  # noqa: F401
)
