"""Words, numbers and dates in the reader's language. The one place that knows which languages there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format, get_timezone
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern
from flask import g
from flask_babel import get_locale as find_locale
from flask_babel import gettext, ngettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from .money import Money, exponent
from .zones import UTC

__all__ = [
    "LOCALES",
    "PSEUDO_LOCALE",
    "_",
    "country_name",
    "currency_name",
    "direction",
    "format_day",
    "format_evidence",
    "format_money",
    "format_moment",
    "get_locale",
    "lazy",
    "ngettext",
    "nlazy",
    "phrase",
]

# Language tag of the folder under translations/, and its own name for itself.
LOCALES = {"en": "English", "zh_Hans": "简体中文"}

# A machine-made right-to-left catalogue that shows layout faults until Arabic is translated. Only beside the sandbox.
PSEUDO_LOCALE = {"ar": "⇄ RTL"}


def get_locale() -> Locale | None:
    """The reader's language. A page asks a hundred times: what flask_babel has found is read off where it keeps it."""
    held = g.get("_flask_babel") if g else None
    found: Locale | None = getattr(held, "babel_locale", None)
    return found or find_locale()


def _(text: str, **values: Any) -> str:
    """The text in the reader's language, with these values put in."""
    said = _said(get_locale(), text)
    return said % values if values else said


def lazy(text: str, **values: Any) -> LazyString:
    """Like ``_``, for texts that are written down before there is a reader."""
    return LazyString(_, text, **values)


def nlazy(one: str, many: str, num: int, **values: Any) -> LazyString:
    """Like ``ngettext``, for texts that are written down before there is a reader."""
    return LazyString(ngettext, one, many, num, **values)


def phrase(text: str, **values: Any) -> Markup:
    """``_`` as templates have it: the catalogue's words are markup, and what is put into them is escaped."""
    return _marked(get_locale(), text) % values


@lru_cache(maxsize=8192)
def _said(locale: Locale | None, text: str) -> str:
    """Looked up once a language and process: a page has a hundred texts, and flask_babel finds each one anew."""
    return str(gettext(text))


@lru_cache(maxsize=8192)
def _marked(locale: Locale | None, text: str) -> Markup:
    return Markup(_said(locale, text))  # noqa: S704  source texts and catalogues are ours


def direction(locale: Locale | None) -> str:
    """``rtl`` or ``ltr``, for the html element's dir."""
    return "rtl" if locale is not None and locale.text_direction == "rtl" else "ltr"


def format_money(money: Money, locale: Locale | str | None = None) -> str:
    """An amount as the reader writes it, always with ISO's number of decimals."""
    return _written(money.minor, money.currency, str(locale or get_locale() or "en"))


@lru_cache(maxsize=8192)
def _written(minor: int, currency: str, locale: str) -> str:
    pattern, chosen = _money_pattern(locale, currency)
    amount = Money(minor, currency).decimal
    return str(pattern.apply(amount, chosen, currency=currency, currency_digits=False))


@cache
def _money_pattern(locale: str, currency: str) -> tuple[NumberPattern, Locale]:
    """The language's way to write money with this currency's decimals; parsed once, for that is dear."""
    chosen, digits = Locale.parse(locale), exponent(currency)
    decimals = "0" if digits == 0 else "0." + "0" * digits
    standard: str = chosen.currency_formats["standard"].pattern
    return parse_pattern(";".join(part.replace("0.00", decimals) for part in standard.split(";"))), chosen


_zone: ContextVar[str | None] = ContextVar("zone", default=None)
_reader: list[Callable[[], str]] = []


def configure_zone(reader: Callable[[], str]) -> None:
    """app.py says whose zone a page is shown in."""
    _reader[:] = [reader]


@contextmanager
def in_zone(name: str | None) -> Iterator[None]:
    """Inside, moments are shown in this zone: that of the person who is written to."""
    token = _zone.set(name)
    try:
        yield
    finally:
        _zone.reset(token)


def zone() -> str:
    """The reader's time zone; UTC where nobody reads yet, as in a job that writes evidence."""
    return _zone.get() or (_reader[0]() if _reader else UTC)


def local(at: datetime) -> datetime:
    """The moment on the reader's clock."""
    return at.astimezone(get_timezone(zone()))


def format_moment(at: datetime, style: Literal["full", "long", "medium", "short"] = "medium") -> str:
    """A date and time in the reader's language and zone, to the minute. It names the zone: a deadline must not be
    misread."""
    language, here = get_locale() or "en", local(at)
    joined = str(get_datetime_format(style, locale=language)).replace("'", "")
    clock = f"{format_time(here, 'short', tzinfo=here.tzinfo, locale=language)} {_zone_words(here)}"
    return joined.format(clock, format_date(here, style, locale=language))


def _zone_words(here: datetime) -> str:
    """``UTC+5:30``: read alike in every language, while short names such as CST or IST stand for several zones."""
    minutes = int((here.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"


def format_evidence(at: datetime, style: Literal["full", "long", "medium", "short"] = "medium") -> str:
    """A moment as it stands in evidence: UTC, whoever reads it."""
    with in_zone(UTC):
        return format_moment(at, style)


def format_day(value: date, style: Literal["full", "long", "medium", "short"] = "medium") -> str:
    """A day in the reader's language; of a moment, the day on the reader's calendar."""
    day = local(value) if isinstance(value, datetime) else value
    return format_date(day, style, locale=get_locale() or "en")


def country_name(code: str, locale: Any = None) -> str:
    """The country in the reader's language; its code where the language has no word for it."""
    chosen = locale or get_locale() or "en"
    return str(Locale.parse(str(chosen)).territories.get(code, code))


def currency_name(currency: str, locale: Any = None) -> str:
    """``€ EUR``: the symbol where there is one, and always the code."""
    symbol = get_currency_symbol(currency, locale or get_locale() or "en")
    return currency if symbol == currency else f"{symbol} {currency}"
