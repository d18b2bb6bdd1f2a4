"""What officers and admins do: review, watch the books, export the trail."""

from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

from . import applications, audit, books, exports, home, payouts, proposals, settlement, staff, tariff  # noqa: E402, F401
from . import applications, audit, audits, books, exports, findings, home, laws, proposals, scans, staff  # noqa: E402, F401
from . import applications, audit, books, exports, home, identities, proposals, staff  # noqa: E402, F401
