"""The use cases of conversations, under one name: other rooms import from here."""

from .opening import about_item, about_listing, ask_for_help
from .reading import LATE, messages, mine, of_shop, photos_of, queue, side_of, transcript, view
from .writing import Words, close, step_in, write

__all__ = [
    "LATE",
    "Words",
    "about_item",
    "about_listing",
    "ask_for_help",
    "close",
    "messages",
    "mine",
    "of_shop",
    "photos_of",
    "queue",
    "side_of",
    "step_in",
    "transcript",
    "view",
    "write",
]
