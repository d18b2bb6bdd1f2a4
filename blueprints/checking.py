"""What a shopper reads while something is looked at: that we check, how long it may take, and nothing of why."""

from __future__ import annotations

from types import SimpleNamespace

from compliance.screening import rules
from compliance.screening.service import standing
from daigou.core.i18n import _
from daigou.orders.screening import STOPPED, checking

STOPS = (rules.HELD, rules.CONFIRMED)


def panel(about: str) -> SimpleNamespace | None:
    """The next step of an order, bill or parcel that waits for a check; None when it may go on. One SELECT."""
    return words(standing(about))


def words(state: str) -> SimpleNamespace | None:
    if state not in STOPS:
        return None
    text = str(checking() if state == rules.HELD else STOPPED)
    title = _("We are checking the details") if state == rules.HELD else _("This has stopped")
    return SimpleNamespace(
        title=title,
        text=text,
        who=_("Our team"),
        by="",
        money=_("Nothing more is taken meanwhile"),
        held=False,
        act="",
        item=None,
    )
