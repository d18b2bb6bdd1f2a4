"""Pure rules of listings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from daigou.core import clock
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

# By what one tells a step of the scale from its neighbours, by category.
CONDITION_LOOKS = {
    "figures": {
        "new": lazy("The box is sealed or was never opened; nothing was ever taken out of its blister."),
        "like_new": lazy("The box was opened; no dust, no yellowing, no rubbed paint, and all parts are there."),
        "good": lazy("Dust in a fold, a rubbed edge, or a line on the base that one sees from a hand’s width."),
        "fair": lazy("One sees from an arm’s length what is wrong: yellowing, a crack, a missing part, a torn box."),
    },
    "stationery": {
        "new": lazy("Never inked; the sticker or sleeve of the maker is still on it."),
        "like_new": lazy("Dipped or inked once and cleaned; no scratch on barrel, clip or nib."),
        "good": lazy("Hairlines on barrel or cap, traces of ink in the feed; it writes as it should."),
        "fair": lazy("Clear scratches, worn plating or an engraving; a part was replaced or is missing."),
    },
}

# S21: what a photo can show, and what photos there must be.
VIEWS = {
    "whole": lazy("The whole thing"),
    "back": lazy("Its back"),
    "detail": lazy("A detail"),
    "label": lazy("Label or serial number"),
    "accessories": lazy("What comes with it"),
    "flaw": lazy("A flaw"),
}


@dataclass(frozen=True, slots=True)
class NeededView:
    """A dated row: listings of these categories and conditions must have a photo that shows this."""

    view: str
    categories: tuple[str, ...]
    conditions: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    source: str


_SEED = "seeds/000 §2.1: whole, flaws, accessories, serial number and anti-counterfeit code"
NEEDED_VIEWS = (
    NeededView("whole", CATEGORIES, CONDITIONS, date(2026, 1, 1), None, _SEED),
    NeededView("label", CATEGORIES, CONDITIONS, date(2026, 1, 1), None, _SEED),
    NeededView("accessories", ("figures",), CONDITIONS, date(2026, 1, 1), None, _SEED),
    NeededView("flaw", CATEGORIES, ("good", "fair"), date(2026, 1, 1), None, _SEED),
)

PHOTOS_NEEDED = 5  # S21
PHOTOS_MOST = 12
PHOTO_BYTES = 10 * 1024 * 1024
LANGUAGES = ("zh_Hans",)  # besides English, the language of the listing itself


def needed_views(category: str, condition: str, day: date) -> list[str]:
    """Which photos a listing must have, in the order of VIEWS."""
    rows = (row for row in NEEDED_VIEWS if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to))
    found = {row.view for row in rows if category in row.categories and condition in row.conditions}
    return [view for view in VIEWS if view in found]


def missing_views(listing: Any) -> list[str]:
    """Which of them nobody has said to be there."""
    shown = {(listing.photo_views or {}).get(ref, "") for ref in listing.photos or []}
    needed = needed_views(listing.category, listing.condition, clock.today())
    return [view for view in needed if view not in shown]


def missing(listing: Any) -> list[str]:
    """What a listing still lacks to be published: photos, what they must show, stock, flaws (of what is used)."""
    lacking = []
    if len(listing.photos or []) < PHOTOS_NEEDED:
        lacking.append("photos")
    if missing_views(listing):
        lacking.append("views")
    if listing.stock < 1:
        lacking.append("stock")
    if listing.condition in ("good", "fair") and not (listing.details or {}).get("flaws"):
        lacking.append("flaws")
    return lacking


def in_language(listing: Any, locale: str, name: str) -> str:
    """Title or description as the reader can read it best: their language if there, else the listing's own."""
    translations: Mapping[str, Mapping[str, str]] = listing.translations or {}
    return translations.get(locale, {}).get(name) or str(getattr(listing, name))
