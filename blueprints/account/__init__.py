"""Signing up, in and out, one's own settings, notices and files."""

from flask import Blueprint

bp = Blueprint("account", __name__)

from . import (  # noqa: E402, F401  # noqa: E402
    documents,
    entering,
    external,
    factors,
    identity,
    invitations,
    invoices,
    joining,
    messages,
    notices,
    phones,
    preferences,
    privacy,
    recovery,
    second_step,
    security,
    settings,
)
