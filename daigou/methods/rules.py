"""Which ways to pay fit a bill, and which of them to recommend. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from daigou.core.money import Money

ANY = "*"


@dataclass(frozen=True, slots=True)
class Method:
    """One way to pay for one platform: ``wait_days`` is 0 where the answer comes at once."""

    code: str
    rides_on: str
    currencies: frozenset[str]
    countries: frozenset[str]
    usual_in: frozenset[str]
    limits: Mapping[str, Sequence[int]]
    wait_days: int
    refund_days: int
    cost_permille: Decimal
    instalments: bool
    wants_address: bool = False

    @property
    def is_asynchronous(self) -> bool:
        return self.wait_days > 0

    def takes(self, currency: str, country: str) -> bool:
        return currency in self.currencies and (ANY in self.countries or country in self.countries)

    def within(self, amount: Money) -> bool:
        least, most = self.limits.get(amount.currency, (0, amount.minor))
        return least <= amount.minor <= most


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be paid, by whom: the payer's country, and the way that worked the last time, if any.

    ``address``: whether the payer lets us pass on a delivery address; ways that want one are left out otherwise.
    """

    amount: Money
    country: str
    last: str | None = None
    address: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A method that fits, in its place; ``reason`` is a code, and only the first one, the recommended, has one."""

    method: Method
    reason: str = ""


def currencies_for(table: Mapping[str, Sequence[str]], platform: str | None) -> frozenset[str]:
    """What an account in this country may take. None: an account that has everything turned on (the sandbox's)."""
    if platform is None:
        return frozenset(currency for row in table.values() for currency in row)
    return frozenset(table.get(platform, table.get(ANY, ())))


def ranked(methods: Iterable[Method], need: Need) -> list[Way]:
    """Those that fit, the best first.

    What worked last time, then what is usual at home (another country's own ways come last), then what is confirmed at
    once without borrowing, then what costs least.
    """
    fitting = [m for m in methods if _fits(m, need)]
    order = sorted(fitting, key=lambda method: _rank(method, need))
    return [Way(m, "" if place else _reason(m, need, len(order))) for place, m in enumerate(order)]


def _fits(method: Method, need: Need) -> bool:
    if method.wants_address and not need.address:
        return False
    return method.takes(need.amount.currency, need.country) and method.within(need.amount)


def _rank(method: Method, need: Need) -> tuple[bool, int, bool, bool, Decimal, str]:
    return (
        method.code != need.last,
        _distance(method, need.country),
        method.instalments,
        method.is_asynchronous,
        method.cost_permille,
        method.code,
    )


def _distance(method: Method, country: str) -> int:
    """How far from home a way is: usual there, usual anywhere, or another country's own."""
    if country in method.usual_in:
        return 0
    return 2 if method.usual_in else 1


def _reason(method: Method, need: Need, fitting: int) -> str:
    if fitting == 1:
        return "only"
    if method.code == need.last:
        return "last"
    if need.country in method.usual_in:
        return "home"
    return "later" if method.is_asynchronous else "at_once"


def types(ways: Iterable[Way]) -> list[str]:
    """The provider's types, each once, in the order of the ways."""
    return list(dict.fromkeys(way.method.rides_on for way in ways))


def why_none(methods: Iterable[Method], need: Need) -> str:
    """Why nothing fits: currency, small or large."""
    known = [m for m in methods if m.takes(need.amount.currency, need.country)]
    if not known:
        return "currency"
    least = [m.limits[need.amount.currency][0] for m in known if need.amount.currency in m.limits]
    return "small" if least and need.amount.minor < min(least) else "large"
