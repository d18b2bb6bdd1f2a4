"""What other rooms and pages ask of the warehouse."""

from . import papers  # noqa: F401  its rule of who may read is registered with the documents
from .accepting import accept, accept_silent, item_for_report, unit_of
from .inspecting import conclude, inspection_of, item_to_inspect, photograph, photos_of, template_of, waiting
from .receiving import expected, home, receive, scan

__all__ = [
    "accept",
    "accept_silent",
    "conclude",
    "expected",
    "home",
    "inspection_of",
    "item_for_report",
    "item_to_inspect",
    "photograph",
    "photos_of",
    "receive",
    "scan",
    "template_of",
    "unit_of",
    "waiting",
]
