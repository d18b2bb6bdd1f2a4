"""The use cases of shipping, under one name: other rooms and pages import from here."""

from . import papers  # noqa: F401  its rule of who may read is registered with the documents
from .building import bill_of, build, cancel, chosen, mine, reopen, submit, view
from .confirming import complete_orders, confirm
from .following import events_of
from .gathering import addresses, packable
from .packing import ask_to_ship, line_of, on_table, pack, to_pack
from .quoting import Choice, contents_of, is_insurable, items_of, lines_to, offers, premium, refusing

__all__ = [
    "Choice",
    "addresses",
    "ask_to_ship",
    "bill_of",
    "build",
    "cancel",
    "chosen",
    "complete_orders",
    "confirm",
    "contents_of",
    "events_of",
    "is_insurable",
    "items_of",
    "line_of",
    "lines_to",
    "mine",
    "offers",
    "on_table",
    "pack",
    "packable",
    "premium",
    "refusing",
    "reopen",
    "submit",
    "to_pack",
    "view",
]
