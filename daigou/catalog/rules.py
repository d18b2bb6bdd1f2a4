"""Pure rules of listings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

LISTING = Machine(
    "listing",
    "draft",
    move("publish", "draft paused", "active", "listing.edit"),
    move("pause", "active", "paused", "listing.pause"),
    move("resume", "paused", "active", "listing.resume"),  # by itself, when nothing holds the merchant any more
    move("check", "draft paused active", "in_review", "listing.check"),  # a rule found what an officer must see
    move("pass", "in_review", "active", "listing.resume"),
    move("refuse", "in_review active", "draft", "listing.resume"),  # active: an officer found it wrong afterwards
    move("end", "draft active paused in_review", "ended", "listing.edit"),
)

CATEGORIES = ("figures", "stationery")  # two, in full depth; the others come with their own issue

# S20: the scale, worst last.
CONDITIONS = ("new", "like_new", "good", "fair")

CATEGORY_WORDS = {"figures": lazy("Figures"), "stationery": lazy("Stationery")}

CONDITION_WORDS = {
    "new": (lazy("New"), lazy("Never used, in its unopened or complete packaging.")),
    "like_new": (lazy("Like new"), lazy("Opened or displayed, without any trace of use.")),
    "good": (lazy("Good"), lazy("Used, with small traces that the photos show.")),
    "fair": (lazy("Fair"), lazy("Used, with clear traces or missing parts, all named below.")),
}

# S19: what a merchant says about a thing that is not new, besides its condition.
DETAILS = ("purchased_on", "usage", "function", "accessories", "flaws")

PHOTOS_NEEDED = 5  # S21
PHOTOS_MOST = 12
PHOTO_BYTES = 10 * 1024 * 1024
LANGUAGES = ("zh_Hans",)  # besides English, the language of the listing itself


def missing(listing: Any) -> list[str]:
    """What a listing still lacks to be published: photos, stock, flaws (to be named for what is used)."""
    lacking = []
    if len(listing.photos or []) < PHOTOS_NEEDED:
        lacking.append("photos")
    if listing.stock < 1:
        lacking.append("stock")
    if listing.condition in ("good", "fair") and not (listing.details or {}).get("flaws"):
        lacking.append("flaws")
    return lacking


def in_language(listing: Any, locale: str, name: str) -> str:
    """Title or description as the reader can read it best: their language if there, else the listing's own."""
    translations: Mapping[str, Mapping[str, str]] = listing.translations or {}
    return translations.get(locale, {}).get(name) or str(getattr(listing, name))
