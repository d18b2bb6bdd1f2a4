"""Signing up, in and out, one's own settings, notices and files."""

from flask import Blueprint

bp = Blueprint("account", __name__)

from . import documents, entering, invoices, joining, notices, preferences, recovery, settings  # noqa: E402, F401
from . import (  # noqa: E402
    documents,  # noqa: F401
    entering,  # noqa: F401
    external,  # noqa: F401
    factors,  # noqa: F401
    identity,  # noqa: F401
    invitations,  # noqa: F401
    joining,  # noqa: F401
    notices,  # noqa: F401
    phones,  # noqa: F401
    preferences,  # noqa: F401
    privacy,  # noqa: F401
    recovery,  # noqa: F401
    second_step,  # noqa: F401
    security,  # noqa: F401
    settings,  # noqa: F401
)
