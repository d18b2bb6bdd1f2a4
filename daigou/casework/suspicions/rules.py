"""Pure rules of reports of suspicion: their life, and what each must say."""

from __future__ import annotations

from typing import Final

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

REPORT = Machine(
    "suspicion_report",
    "draft",
    move("agree", "draft", "agreed", "suspicion.agree"),
    move("file", "agreed", "filed", "suspicion.report"),
    # that a suspicion was weighed and not reported must be provable too
    move("drop", "draft agreed", "dropped", "suspicion.report"),
)
GOAML, FORM = "goaml", "form"
KINDS: Final = {
    "laundering": lazy("Money laundering"),
    "terrorism": lazy("Financing of terrorism"),
    "fraud": lazy("Fraud as the offence behind it"),
    "sanctions": lazy("Evasion of sanctions"),
    "trade": lazy("Trade-based: prices or goods that make no sense"),
}
LEAST, MOST = 100, 8000
"""Characters of the grounds: a unit can do nothing with a line."""
