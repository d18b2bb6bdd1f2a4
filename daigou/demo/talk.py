"""Two circles with something in them already, written through the same service that members use."""

from __future__ import annotations

from collections.abc import Mapping

from daigou.accounts import directory
from daigou.accounts.identity import actor_of
from daigou.circles import service as circles
from daigou.core.access import Actor

from . import market

FIGURES = {
    "en": {
        "name": "Scale figures",
        "about": "Sculpt, paint, boxes and stands: show yours, ask about a first run, learn what a recast looks like.",
    },
    "zh_Hans": {"name": "比例手办", "about": "造型、涂装、包装与底座：晒出你的收藏，打听初版，学会辨认翻模。"},
}
PENS = {
    "en": {"name": "Nibs and ink", "about": "Which nib for which hand, inks that behave, old pens that write again."},
    "zh_Hans": {"name": "笔尖与墨水", "about": "什么手用什么尖，哪些墨水听话，老笔怎样重新写字。"},
}
SHOWN = ("whole", "serial", "detail")
ALIASES = {"shopper": "Tea bowl", "youssef": "Moon rabbit", "claire": "Paper crane"}


def begin(pictures: Mapping[market.Picture, bytes]) -> None:
    """Make the circles and let the demo's shoppers speak. ``pictures`` are the market’s."""
    figures, pens = (circles.make(_who("officer"), plan) for plan in _plans())
    for mailbox, alias in ALIASES.items():
        for circle in (figures, pens):
            circles.join(_who(mailbox), circle.ref, alias)
    tea, moon, crane = (_who(mailbox) for mailbox in ALIASES)
    asked = circles.talk(moon, figures.ref, _words(_SUN, "How do you keep the sun off a shelf?"))
    circles.answer(tea, asked.ref, _words("A film on the glass. Three years now, and white is white."))
    circles.answer(crane, asked.ref, _words("I turn them once a month. Translucent parts stay inside."))
    photos = [market.checked(pictures[_of_a_figure(pictures, view)]) for view in SHOWN]
    circles.ask_peers(crane, figures.ref, "", circles.Draft(_BOX, photos, "From a flea market: is it genuine?"))
    nib = circles.talk(tea, pens.ref, _words(_NIB, "A nib that skips on the first stroke"))
    circles.answer(moon, nib.ref, _words("Flush it with water and a drop of soap before you bend anything."))


def _of_a_figure(pictures: Mapping[market.Picture, bytes], view: str) -> market.Picture:
    return min(key for key in pictures if key[0] == "figure" and key[2] == view)


def _plans() -> tuple[circles.Plan, circles.Plan]:
    return circles.Plan("figures", "", FIGURES), circles.Plan("stationery", "", PENS)


def _who(mailbox: str) -> Actor:
    found = directory.by_email(f"{mailbox}@demo.example")
    if found is None:
        raise LookupError(mailbox)
    return actor_of(found)


def _words(words: str, title: str = "") -> circles.Draft:
    return circles.Draft(words, (), title)


_SUN = "My window looks south, and the first one’s hair has begun to yellow. No curtains: I want to see them."
_BOX = (
    "The box has the right colours, but the print of the maker’s name looks soft to me.\n"
    "The base carries a number. Does yours have it on the left as well?"
)
_NIB = "Only on the first stroke of the morning; then it writes as it should. New ink, the same paper as ever."
