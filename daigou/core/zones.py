"""Time zones of people: one is known by its name in the tz database, and each country has one to begin with."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

import pytz

UTC: Final = "UTC"
# Where the tz database's first zone of a country is not the one that most of its people live in.
_MOST_PEOPLE: Final = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "CL": "America/Santiago",
    "CN": "Asia/Shanghai", "DE": "Europe/Berlin", "ES": "Europe/Madrid", "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty", "MN": "Asia/Ulaanbaatar", "MX": "America/Mexico_City", "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip


@cache
def known() -> tuple[str, ...]:
    """Every zone that somebody may choose, by name."""
    return (*(name for name in pytz.common_timezones if name != UTC and not name.startswith("US/")), UTC)


@cache
def of_country(country: str) -> str:
    """The zone that people of a country begin with; UTC where none is known."""
    found = _MOST_PEOPLE.get(country) or next(iter(pytz.country_timezones.get(country, [])), UTC)
    return found if found in pytz.all_timezones_set else UTC


def local(moment: datetime, zone: str) -> datetime:
    """A moment by the clocks of a zone."""
    return moment.astimezone(pytz.timezone(zone))
