"""Form fields that are forgiving in what they read and strict in what they give. What was typed is shown again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from wtforms import DateField, EmailField, PasswordField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from daigou.core import clock
from daigou.core.i18n import _, format_money, lazy, nlazy
from daigou.core.money import BadAmount, Money

# Marks that turn the direction of what follows, and other characters that nobody sees: they disguise words.
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u061c]")

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def clean(text: str | None) -> str:
    """Composed, without control characters and unseen marks, trimmed; line breaks and tabs stay."""
    composed = unicodedata.normalize("NFC", _UNSEEN.sub("", text or ""))
    kept = "".join(c for c in composed if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    return kept.strip()


def one_line(text: str | None) -> str:
    return " ".join(clean(text).split())


def needed() -> InputRequired:
    return InputRequired(lazy("This is needed."))


def up_to(most: int) -> Length:
    return Length(max=most, message=nlazy("At most %(num)d character.", "At most %(num)d characters.", most))


class Line(StringField):
    """One line of text, at most ``most`` characters."""

    def __init__(self, label: Any, most: int, *, required: bool = False, **more: Any) -> None:
        checks = [needed() if required else Optional(), up_to(most), *more.pop("validators", [])]
        attributes = {"maxlength": most, **more.pop("render_kw", {})}
        super().__init__(label, checks, filters=[one_line], render_kw=attributes, **more)
        self.required = required

    def pre_validate(self, form: Any) -> None:
        if self.required and not self.data:
            raise ValidationError(_("This is needed."))


class Passage(TextAreaField):
    """Several lines of text, at most ``most`` characters."""

    def __init__(self, label: Any, most: int, *, required: bool = False, **more: Any) -> None:
        checks = [needed() if required else Optional(), up_to(most)]
        super().__init__(label, checks, filters=[clean], render_kw={"maxlength": most}, **more)
        self.required = required

    def pre_validate(self, form: Any) -> None:
        if self.required and not self.data:
            raise ValidationError(_("This is needed."))


class Email(EmailField):
    """An e-mail address. Whether it is anybody's, only a mail to it can show."""

    def __init__(self, label: Any, *, required: bool = True, **more: Any) -> None:
        checks = [needed() if required else Optional(), up_to(254)]
        super().__init__(label, checks, filters=[one_line], render_kw={"maxlength": 254}, **more)

    def pre_validate(self, form: Any) -> None:
        if self.data and not _EMAIL.fullmatch(self.data):
            raise ValidationError(_("This does not look like an e-mail address: name@example.com."))


class Secret(PasswordField):
    """A password, taken as typed and never shown again. Its strength is judged by the accounts room."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, [needed(), up_to(10_000)], **more)


class OneOf(SelectField):
    """One of these (value, words). What stands in no row is refused."""

    def __init__(self, label: Any, rows: Iterable[tuple[str, Any]] = (), *, required: bool = True, **more: Any) -> None:
        check = InputRequired(lazy("Choose one of these.")) if required else Optional()
        super().__init__(label, [check], choices=options(rows), **more)

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(_("Choose one of these.")) from error


def options(rows: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """For choices that are known only when the page is made: ``form.country.choices = options(…)``."""
    return [SelectChoice(value, words) for value, words in rows]


class Amount(StringField):
    """Money as a person writes it. The view names ``currency`` before validating; the result is ``money``."""

    def __init__(self, label: Any, *, required: bool = True, zero: bool = False, **more: Any) -> None:
        check = needed() if required else Optional()
        super().__init__(label, [check], filters=[clean], render_kw={"inputmode": "decimal", "maxlength": 24}, **more)
        self.currency = "EUR"
        self.zero = zero
        self.money: Any = None  # a Money once validated; None when left out

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            self.money = Money.parse(self.data, self.currency)
        except BadAmount as bad:
            raise ValidationError(_amount_words(bad, self.currency)) from bad
        if not self.zero and not self.money:
            raise ValidationError(_("The amount must be more than zero."))

    def show(self, money: Money | None) -> None:
        """Fill the field with an amount that stands already."""
        if money is not None and not self.raw_data:
            self.data = str(money.decimal)


class Whole(StringField):
    """A whole number between two bounds; the result is ``number``."""

    def __init__(self, label: Any, least: int, most: int, *, required: bool = True, **more: Any) -> None:
        check = needed() if required else Optional()
        super().__init__(label, [check], filters=[clean], render_kw={"inputmode": "numeric", "maxlength": 12}, **more)
        self.least, self.most = least, most
        self.number: Any = None  # an int once validated; None when left out

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        digits = re.sub(r"[ '_\u00a0\u202f]", "", self.data)
        # Its length first: Python refuses to read thousands of digits.
        if not digits.isdecimal() or len(digits) > 24 or not self.least <= int(digits) <= self.most:
            words = _("A whole number between %(least)d and %(most)d.", least=self.least, most=self.most)
            raise ValidationError(words)
        self.number = int(digits)


class Day(DateField):
    """A day of the calendar, not after today unless ``future``."""

    def __init__(self, label: Any, *, required: bool = True, future: bool = False, **more: Any) -> None:
        super().__init__(label, [needed() if required else Optional()], **more)
        self.data: Any  # a date once validated; None when left out
        self.future = future

    @staticmethod
    def read(text: str) -> date:
        """A day as it is stored."""
        return date.fromisoformat(text)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = date.fromisoformat(text)
            except ValueError as error:
                raise ValueError(_("Write the day as year-month-day, such as 2026-11-20.")) from error

    def pre_validate(self, form: Any) -> None:
        tomorrow = clock.today() + timedelta(days=1)  # which it may be already where the person is
        if self.data is not None and not self.future and self.data > tomorrow:
            raise ValidationError(_("This day has not come yet."))
        if self.data is not None and self.data.year < 1900:
            raise ValidationError(_("This day is too long ago."))


def _amount_words(bad: BadAmount, currency: str) -> str:
    if bad.code == "precision":
        return _("Amounts in %(currency)s do not have that many decimals.", currency=currency)
    if bad.code == "range":
        return _("This amount is too large.")
    example = format_money(Money(123450, currency))
    return _("This is not an amount. Write it like %(example)s.", example=example)
