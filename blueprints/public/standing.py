"""How a shop stands, in words, for the item's page, the shop's own and its console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from daigou.core import clock
from daigou.core.db import find
from daigou.core.i18n import _, ngettext
from daigou.reputation import rules
from daigou.risk.models import MerchantStanding
from daigou.risk.rules import LOW_SCORE

FRESH_SECONDS: Final = 1800
NAMES = {
    "goods": lambda: _("The items"),
    "described": lambda: _("As described"),
    "communication": lambda: _("Communication"),
    "dispatch": lambda: _("Speed of buying and sending"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """``short`` is one line; ``rows`` are figures with what they mean; ``warnings`` are sentences."""

    short: str
    rows: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def stamp() -> int:
    """Changes every half hour: pieces of pages that show figures are drawn anew then."""
    return int(clock.now().timestamp()) // FRESH_SECONDS


def words_of(merchant_id: UUID | None) -> Words:
    """One query."""
    found = find(MerchantStanding, merchant_id=merchant_id) if merchant_id else None
    if found is None:
        return Words(_("No sales yet"), (), ())
    return Words(short(found.sales, found.positive_permille), tuple(_rows(found)), tuple(_warnings(found)))


def short(sales: int | None, positive_permille: int | None) -> str:
    """Sales and positive rate in one line, for cards too."""
    if not sales:
        return _("No sales yet")
    sold = ngettext("%(num)d sale", "%(num)d sales", sales)
    if positive_permille is None:
        return sold
    return _("%(sales)s, %(percent)s %% positive", sales=sold, percent=round(positive_permille / 10))


def _rows(found: MerchantStanding) -> list[tuple[str, str]]:
    rows = [(_("Score"), _("%(score)d of 100", score=found.score)), (_("Sales"), str(found.sales))]
    if found.reviewers:
        rows.append((_("Buyers who reviewed"), str(found.reviewers)))
        marks = [(NAMES[name](), getattr(found, name)) for name in rules.DIMENSIONS]
        rows += [(name, _("%(mark)s of 5", mark=f"{value / 100:.1f}")) for name, value in marks if value is not None]
    if found.answer_minutes is not None:
        rows.append((_("Answers within"), _duration(found.answer_minutes)))
    return [*rows, (_("Complaints found right, a year"), str(found.complaints))]


def _duration(minutes: int) -> str:
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", max(minutes, 1))
    return ngettext("%(num)d hour", "%(num)d hours", round(minutes / 60))


def _warnings(found: MerchantStanding) -> list[str]:
    warnings = []
    if rules.is_warned_of(found.complaints_recent):
        warnings.append(
            ngettext(
                "In the last 30 days, %(num)d complaint about this shop was found right.",
                "In the last 30 days, %(num)d complaints about this shop were found right.",
                found.complaints_recent,
            )
        )
    if found.score < LOW_SCORE:
        warnings.append(_("This shop’s score is low. Your money is held all the same until you are content."))
    return warnings
