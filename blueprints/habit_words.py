"""Why a payment is unlike its shopper's others, in words: each sign with what it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from daigou.core.i18n import country_name, lazy
from daigou.methods import words as ways

SIGNS = {
    "amount": lazy("The amount is %(what)s times what is usual here"),
    "country": lazy("Never or seldom sent to %(what)s before"),
    "currency": lazy("Never or seldom paid in %(what)s before"),
    "method": lazy("Never or seldom paid by %(what)s before"),
    "category": lazy("Goods of a kind that was never bought before: %(what)s"),
    "hour": lazy("Never paid at about %(what)s o’clock on such a day before"),
    "browser": lazy("A kind of browser that this account has never used before today"),
    "pace": lazy("%(what)s payments went through within 24 hours"),
    "declines": lazy("%(what)s tries were declined within 24 hours"),
    "ways": lazy("%(what)s different ways to pay were tried within 24 hours"),
    "cards": lazy("%(what)s cards that were new to this account within 24 hours"),
    "network": lazy("Shares a card, account, address, phone or browser with others that were refused: %(what)s"),
    "contested": lazy("The shopper contests the first decision: another person must look"),
}


def of_sign(row: dict[str, Any]) -> str:
    """One sign as a sentence; a code that is not known any more as itself."""
    code = str(row["code"])
    what = str(row.get("what", ""))
    if code == "country":
        what = country_name(what)
    if code == "method":
        what = str(ways.NAMES.get(what, what))
    return str(SIGNS.get(code, code)) % {"what": what}


def of_signs(rows: Sequence[dict[str, Any]]) -> list[tuple[str, int | None]]:
    """Sentences with their points, the heaviest first."""
    return [(of_sign(row), row.get("points")) for row in rows]
