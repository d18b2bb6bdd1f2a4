"""What inspectors do: receive, inspect, pack, ship."""

from flask import Blueprint

bp = Blueprint("warehouse", __name__, url_prefix="/warehouse")

from . import arrivals, inspections, packing, returns  # noqa: E402, F401
