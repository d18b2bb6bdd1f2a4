"""The sandbox's own exchange rates: plausible, fixed for a day, a little different the next."""

import hashlib
import math
from datetime import date
from decimal import Decimal

# Units of the currency for one euro. These 29 are the ones the ECB publishes.
PUBLISHED: dict[str, str] = {
    "USD": "1.1580", "JPY": "178.90", "CZK": "24.180", "DKK": "7.4680", "GBP": "0.8805", "HUF": "382.50",
    "PLN": "4.2310", "RON": "5.0880", "SEK": "10.990", "CHF": "0.9330", "ISK": "146.70", "NOK": "11.740",
    "TRY": "49.050", "AUD": "1.7860", "BRL": "6.1600", "CAD": "1.6240", "CNY": "8.2350", "HKD": "9.0130",
    "IDR": "19350.00", "ILS": "3.7600", "INR": "103.40", "KRW": "1695.00", "MXN": "21.250", "MYR": "4.7950",
    "NZD": "2.0560", "PHP": "68.050", "SGD": "1.5090", "THB": "37.520", "ZAR": "19.920",
}  # fmt: skip
# Not published by the ECB, but Stripe converts them all the same.
OTHERS: dict[str, str] = {
    "TWD": "36.100", "AED": "4.2530", "SAR": "4.3430", "KWD": "0.3555", "BHD": "0.4366", "OMR": "0.4458",
    "JOD": "0.8210", "TND": "3.4100", "VND": "30530.0", "CLP": "1085.00", "COP": "4420.00", "UGX": "4190.00",
    "MGA": "5200.00", "EGP": "55.000", "BGN": "1.9558",
}  # fmt: skip


def per_euro(currency: str, day: date) -> Decimal:
    """Units of `currency` for one euro on `day`. Raises KeyError for a currency nobody quotes here."""
    code = currency.upper()
    if code == "EUR":
        return Decimal(1)
    base = Decimal(PUBLISHED.get(code) or OTHERS[code])
    if code in ("DKK", "BGN"):  # pegged: hardly moves
        return base
    return (base * Decimal(1 + _wave(code, day) + _noise(code, day)).quantize(Decimal("0.000001"))).quantize(base)


def between(source: str, target: str, day: date) -> Decimal:
    """Units of `target` for one unit of `source`, six significant decimals."""
    rate = per_euro(target, day) / per_euro(source, day)
    return rate.quantize(Decimal("0.000001")) if rate > Decimal("0.001") else rate.quantize(Decimal("0.000000001"))


def _noise(code: str, day: date) -> float:
    digest = hashlib.sha256(f"{code} {day.isoformat()}".encode()).digest()
    return (int.from_bytes(digest[:4], "big") / 2**32 - 0.5) * 0.008


def _wave(code: str, day: date) -> float:
    phase = hashlib.sha256(code.encode()).digest()[0]
    return 0.015 * math.sin((day.toordinal() + phase) / 40)
