"""What is looked at, by category. A template never changes once used: a better one gets the next number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from daigou.core.i18n import lazy


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. ``key`` is kept with the result; the words are shown in the reader's language."""

    key: str
    title: object
    instruction: object


@dataclass(frozen=True, slots=True)
class Template:
    """``name`` is category and version, ``title`` says it in the reader's language."""

    name: str
    title: object
    checks: tuple[Check, ...]


_IDENTITY = Check(
    "identity",
    lazy("It is the item ordered"),
    lazy("Compare title, maker and model with the order. Read the code on the box."),
)
_QUANTITY = Check("quantity", lazy("Number of pieces"), lazy("Count the pieces against the order."))
_PACKAGING = Check(
    "packaging", lazy("Box and packaging"), lazy("Look at all six sides: dents, tears, water, opened seals.")
)
_AUTHENTIC = Check(
    "authenticity",
    lazy("Signs that it is genuine"),
    lazy("Maker’s seal, licence sticker, print quality, weight. Photograph the seal. Fail it if anything is odd."),
)

TEMPLATES: Mapping[str, Template] = {
    t.name: t
    for t in (
        Template(
            "figures/1",
            lazy("Figures, version 1"),
            (
                _IDENTITY,
                _QUANTITY,
                _PACKAGING,
                _AUTHENTIC,
                Check("paint", lazy("Paint and surface"), lazy("Scratches, stains, glue, colour rubbed off the face.")),
                Check("joints", lazy("Joints and stand"), lazy("Move each joint once. The stand holds the figure.")),
                Check("parts", lazy("Accessories"), lazy("Every part of the list on the box is there.")),
            ),
        ),
        Template(
            "stationery/1",
            lazy("Stationery, version 1"),
            (
                _IDENTITY,
                _QUANTITY,
                _PACKAGING,
                _AUTHENTIC,
                Check("function", lazy("It works"), lazy("Write a line, open and close it, turn each part once.")),
                Check(
                    "surface", lazy("Surface and edges"), lazy("Scratches, bent corners, ink stains, yellowed paper.")
                ),
            ),
        ),
        Template("general/1", lazy("All other goods, version 1"), (_IDENTITY, _QUANTITY, _PACKAGING, _AUTHENTIC)),
    )
}
_CURRENT = {"figures": "figures/1", "stationery": "stationery/1"}


def for_category(category: str) -> Template:
    """The template in use for a category; the general one where there is none of its own."""
    return TEMPLATES[_CURRENT.get(category, "general/1")]
