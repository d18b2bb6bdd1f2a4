"""What people send, before any form reads it."""

from __future__ import annotations

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


class Sent(ImmutableMultiDict[str, Any]):
    """Values without NUL: nobody types one, and PostgreSQL takes none."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = mapping.items(multi=True) if hasattr(mapping, "getlist") else mapping or ()
        pairs = pairs.items() if isinstance(pairs, dict) else pairs
        super().__init__([(name, _plain(value)) for name, value in pairs])


class TypedRequest(Request):
    parameter_storage_class = Sent


def _plain(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
