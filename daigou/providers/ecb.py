"""The European Central Bank's daily reference rates: one small XML file, fetched and read with suspicion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from xml.parsers import expat

from . import outside

if TYPE_CHECKING:
    import httpx

SOURCE = "ECB euro foreign exchange reference rates"
LIMIT_BYTES = 256 * 1024  # the real file has 1.7 KB
PATIENCE = 10.0  # seconds
FEWEST = 5  # a file with less is broken

_CURRENCY = re.compile(r"[A-Z]{3}")


class BadFile(ValueError):
    """What came is not the ECB's file."""


@dataclass(frozen=True, slots=True)
class DailyRates:
    """``rates``: units of each currency for one euro, on ``day``."""

    day: date
    rates: dict[str, Decimal] = field(default_factory=dict)
    source: str = SOURCE


def fetch(url: str, client: httpx.Client | None = None) -> DailyRates:
    """The newest rates. httpx.HTTPError when it does not answer, BadFile when the answer can't be used."""
    if client is not None:
        return parse(_download(client, url))
    with outside.client(PATIENCE) as own:
        return parse(_download(own, url))


def _download(client: httpx.Client, url: str) -> bytes:
    body = bytearray()
    with client.stream("GET", url) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > LIMIT_BYTES:
                raise BadFile("larger than any rate file")
    return bytes(body)


def parse(body: bytes) -> DailyRates:
    """The last day of a file in the ECB's form. Document types and entities are refused, whatever they say."""
    days: list[tuple[date, dict[str, Decimal]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "Cube":
            return
        if "time" in attributes:
            days.append((date.fromisoformat(attributes["time"]), {}))
        elif "currency" in attributes:
            days[-1][1][_currency(attributes["currency"])] = _rate(attributes.get("rate", ""))

    reader = expat.ParserCreate()
    reader.StartElementHandler = start
    reader.StartDoctypeDeclHandler = _refuse
    reader.EntityDeclHandler = _refuse
    try:
        reader.Parse(body, True)
    except (expat.ExpatError, IndexError, ValueError) as error:
        raise BadFile(str(error)) from error
    if not days or len(max(days, key=lambda row: row[0])[1]) < FEWEST:
        raise BadFile("no rates in it")
    day, rates = max(days, key=lambda row: row[0])
    return DailyRates(day, rates)


def _refuse(*_: object) -> None:
    raise BadFile("a document type or an entity, which this file never has")


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise BadFile(f"not a currency: {text[:10]!r}")
    return text


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation as error:
        raise BadFile(f"not a rate: {text[:20]!r}") from error
    if not rate.is_finite() or not Decimal("0.000001") < rate < Decimal("1e9"):
        raise BadFile(f"not a rate: {text[:20]!r}")
    return rate
