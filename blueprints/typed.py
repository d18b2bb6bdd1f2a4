"""What people send, before any form reads it."""

from __future__ import annotations

from typing import Any, Final

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


class Sent(ImmutableMultiDict[str, Any]):
    """Values without NUL: nobody types one, and PostgreSQL takes none."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = mapping.items(multi=True) if hasattr(mapping, "getlist") else mapping or ()
        pairs = pairs.items() if isinstance(pairs, dict) else pairs
        super().__init__([(name, _plain(value)) for name, value in pairs])


LARGE_FORMS: Final = {"merchant.take_table": 220 * 2**20}
"""Bytes of the forms that may be larger than others: a table with its photos."""


class TypedRequest(Request):
    parameter_storage_class = Sent

    @property
    def max_content_length(self) -> int | None:
        own = LARGE_FORMS.get(self.endpoint or "") if self._max_content_length is None else None
        return own or super().max_content_length

    @max_content_length.setter
    def max_content_length(self, most: int | None) -> None:
        self._max_content_length = most


def _plain(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
