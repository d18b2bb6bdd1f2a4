"""The payment of a case: what its shopper usually pays, what they say of it, and who shares things with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blueprints import habit_words
from blueprints.guard import actor
from daigou.core.i18n import format_money, lazy
from daigou.core.money import Money
from daigou.payments.paying.watching import deciding, usual
from daigou.risk.models import RiskCase
from daigou.risk.network import service as network

KINDS = {
    "card": lazy("card"),
    "bank": lazy("bank account"),
    "address": lazy("address"),
    "phone": lazy("phone number"),
    "browser": lazy("browser"),
}
STANDINGS = {
    "held": lazy("Waits for a decision"),
    "cleared": lazy("Can be paid"),
    "refused": lazy("Stopped; the account is closed until its owner has a new password"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    check: Any
    signs: list[tuple[str, int | None]]
    usual: str
    payments: int
    story: str
    standing: object
    cluster: list[tuple[network.Member, list[str]]]


def of_case(case: RiskCase, *, again: bool = False) -> Shown:
    """All of it for the page. That it was read stands in the log, unless the page is shown ``again`` with a form."""
    check = deciding.read(actor(), case, again=again)
    habit, most = usual.of_account(check.account_id)
    near = [each for each in network.cluster(actor(), check.account_id) if each.depth]
    return Shown(
        check,
        habit_words.of_signs([*_contested(case), *check.signs]),
        format_money(Money(most, "EUR")),
        habit.payments,
        check.story if isinstance(check.story, str) else "",
        STANDINGS[check.state],
        [(member, [str(KINDS[kind]) for kind in member.kinds]) for member in near],
    )


def _contested(case: RiskCase) -> list[dict[str, Any]]:
    return [row for row in case.reasons if "points" not in row]
