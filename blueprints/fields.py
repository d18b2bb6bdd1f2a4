"""Form fields that are forgiving in and strict stored."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField
from wtforms.validators import StopValidation

from daigou.core.i18n import lazy

LONGEST = 12


class WholeNumberField(IntegerField):
    """A whole number as people and scales write it: spaces and full-width digits are fine, letters and signs not."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = "".join(str(valuelist[0]).split()) if valuelist else ""
        self.data = None
        if not text:
            raise ValueError(lazy("This is needed."))
        if len(text) > LONGEST or not text.isdecimal():
            raise ValueError(lazy("Write a whole number, digits only."))
        self.data = int(text)

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation
        if self.data is None:
            raise StopValidation(lazy("This is needed."))
