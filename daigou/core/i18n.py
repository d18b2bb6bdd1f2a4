"""Words, numbers and dates in the reader's language. The one place that knows which languages there are."""

from datetime import datetime
from typing import Any

from babel import Locale
from babel.numbers import format_currency, get_currency_symbol
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from .money import Money, exponent

__all__ = [
    "LOCALES",
    "PSEUDO_LOCALE",
    "_",
    "country_name",
    "currency_name",
    "direction",
    "format_money",
    "format_moment",
    "get_locale",
    "lazy",
    "ngettext",
]

# Language tag of the folder under translations/, and its own name for itself.
LOCALES = {"en": "English", "zh_Hans": "简体中文"}

# A machine-made right-to-left catalogue that shows layout faults until Arabic is translated. Only beside the sandbox.
PSEUDO_LOCALE = {"ar": "⇄ RTL"}


def direction(locale: Locale | None) -> str:
    """``rtl`` or ``ltr``, for the html element's dir."""
    return "rtl" if locale is not None and locale.text_direction == "rtl" else "ltr"


def format_money(money: Money, locale: Locale | str | None = None) -> str:
    """An amount as the reader writes it, always with ISO's number of decimals."""
    chosen = locale or get_locale() or "en"
    digits = exponent(money.currency)
    pattern = Locale.parse(str(chosen)).currency_formats["standard"].pattern
    decimals = "0" if digits == 0 else "0." + "0" * digits
    pattern = ";".join(part.replace("0.00", decimals) for part in pattern.split(";"))
    written: str = format_currency(money.decimal, money.currency, format=pattern, locale=chosen, currency_digits=False)
    return written


def format_moment(at: datetime, style: str = "medium") -> str:
    """A date and time in the reader's language and zone."""
    from flask_babel import format_datetime

    written: str = format_datetime(at, style)
    return written


def country_name(code: str, locale: Any = None) -> str:
    """The country in the reader's language; its code where the language has no word for it."""
    chosen = locale or get_locale() or "en"
    return str(Locale.parse(str(chosen)).territories.get(code, code))


def currency_name(currency: str, locale: Any = None) -> str:
    """``€ EUR``: the symbol where there is one, and always the code."""
    symbol = get_currency_symbol(currency, locale or get_locale() or "en")
    return currency if symbol == currency else f"{symbol} {currency}"
