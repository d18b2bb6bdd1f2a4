"""What listings and answers to wishes have in common: category, origin, tariff number, weight and measures."""

from __future__ import annotations

from typing import Any

from babel import Locale
from wtforms import ValidationError

from blueprints.fields import Line, OneOf, Whole, options
from daigou.catalog import tariff
from daigou.catalog.rules import CATEGORIES, CATEGORY_WORDS
from daigou.core.i18n import _, get_locale, lazy


class TariffNumber(Line):
    """A code of the harmonized system as people write it; the result is ``code``, digits only."""

    def __init__(self, label: Any, **more: Any) -> None:
        attributes = {"inputmode": "numeric", "list": "hs-codes", "autocomplete": "off"}
        super().__init__(label, 16, required=True, render_kw=attributes, **more)
        self.code = ""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        found = tariff.normal(self.data or "")
        if self.data and found is None:
            raise ValidationError(_("There is no such number in the customs tariff. Search for it by words."))
        self.code = found or ""


class Goods:
    """Fields for a form of Flask-WTF."""

    category = OneOf(lazy("Category"), [(key, CATEGORY_WORDS[key]) for key in CATEGORIES])
    origin = OneOf(lazy("Made in"), [])
    hs_code = TariffNumber(lazy("Customs tariff number"))
    weight_g = Whole(lazy("Weight with packaging, in grams"), 1, 100_000)
    length_mm = Whole(lazy("Length, in millimetres"), 1, 5_000)
    width_mm = Whole(lazy("Width, in millimetres"), 1, 5_000)
    height_mm = Whole(lazy("Height, in millimetres"), 1, 5_000)


def countries() -> list[Any]:
    """Every country by its name in the reader's language; ours first."""
    names: dict[str, str] = dict(Locale.parse(str(get_locale() or "en")).territories)
    first = ["JP", "KR", "CN", "TW", "US", "DE"]
    left = [c for c in names if len(c) == 2 and c.isalpha() and c not in {*first, *_NO_COUNTRY}]
    rest = sorted(left, key=names.__getitem__)
    return options((code, str(names[code])) for code in (*first, *rest))


_NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def suggestions() -> list[tuple[str, str]]:
    """Tariff numbers that are mostly wanted."""
    return [(code, tariff.describe(code)) for code in tariff.COMMON]
