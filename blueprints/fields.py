"""The fields that forms are made of: what people type is cleaned the same way everywhere before it is judged.

Controls and direction marks are taken out of single lines: they are never wanted there, and can make one text look like
another. Emoji and every script stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from wtforms import EmailField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from daigou.core.i18n import lazy

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_CONTROL_BUT_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")

MISSING = lazy("Fill this in.")
CHOOSE = lazy("Choose one of these.")


def one_line(value: str | None) -> str | None:
    """Composed, without controls and direction marks, single spaces, trimmed."""
    if value is None:
        return None
    plain = _CONTROL.sub(" ", _DIRECTION.sub("", unicodedata.normalize("NFC", value)))
    return " ".join(plain.split())


def many_lines(value: str | None) -> str | None:
    """Composed, lines kept, without other controls. Direction marks stay: running text may need them."""
    if value is None:
        return None
    composed = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL_BUT_LINES.sub(" ", composed).strip()


def _needed(required: bool) -> Any:
    return DataRequired(MISSING) if required else Optional()


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=lazy("Use at most %(max)d characters here.", max=longest))


def line(label: Any, longest: int, *, required: bool = True, **options: Any) -> StringField:
    """A single line of text of at most ``longest`` characters."""
    return StringField(label, [_needed(required), _at_most(longest)], filters=[one_line], **options)


def text(label: Any, longest: int, *, required: bool = True, **options: Any) -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(label, [_needed(required), _at_most(longest)], filters=[many_lines], **options)


def email(label: Any, *, required: bool = True, **options: Any) -> EmailField:
    shape = Regexp(_EMAIL, message=lazy("This does not look like an e-mail address: name@example.com."))
    checks = [_needed(required), _at_most(254), shape]
    return EmailField(label, checks, filters=[one_line], **options)


def password(label: Any, **options: Any) -> PasswordField:
    """Taken as typed. Its strength is judged by the accounts room."""
    return PasswordField(label, [InputRequired(MISSING), _at_most(10_000)], **options)


def choice(label: Any, rows: Iterable[tuple[str, Any]] = (), **more: Any) -> SelectField:
    """One of these (value, words); what stands in no row is refused."""
    return _Choice(label, [InputRequired(CHOOSE)], choices=options(rows), **more)


def options(rows: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """For choices that are known only when the page is made: ``form.country.choices = options(…)``."""
    return [SelectChoice(value, words) for value, words in rows]


class _Choice(SelectField):
    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(CHOOSE) from error
