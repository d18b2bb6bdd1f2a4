"""Stripe's form encoding (`line_items[0][price_data][currency]=eur`) into nested dicts and lists."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from daigou.sandbox.stripe.errors import StripeError, invalid, missing

Json = dict[str, Any]
_INTEGER = re.compile(r"-?[0-9]{1,15}")  # int() alone would take 1_000 and other scripts' digits


def decode(text: str) -> Json:
    """The whole body or query string. Raises StripeError when the nesting contradicts itself."""
    root: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = key.replace("]", "").split("[")
        _place(root, [head, *rest], value, key)
    return {name: inner if name == "metadata" else _lists(inner) for name, inner in root.items()}


def _place(node: Json, path: list[str], value: str, whole: str) -> None:
    for step in path[:-1]:
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise invalid(f"Invalid request parameter: {whole}", whole)
    name = path[-1] or str(len(node))  # `expand[]=…` appends
    node[name] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    # Metadata has keys of the caller's choice, and those may be digits.
    return {key: inner if key == "metadata" else _lists(inner) for key, inner in value.items()}


class Params:
    """One level of parameters; knows its own name so that errors point at the right place."""

    def __init__(self, values: Json, name: str = "") -> None:
        self.values, self._name = values, name

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def path(self, key: str) -> str:
        return f"{self._name}[{key}]" if self._name else key

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse what the endpoint does not know, as Stripe does."""
        for key in self.values:
            if key not in allowed:
                name = self.path(key)
                raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")

    def text(self, key: str, default: str | None = None, limit: int = 5000) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            return default
        if not isinstance(value, str):
            raise invalid("Invalid string: expected a plain value", self.path(key))
        if len(value) > limit:
            message = f"Invalid string: must be at most {limit} characters"
            raise invalid(message, self.path(key), "string_too_long" if limit < 5000 else None)
        return value

    def need(self, key: str, limit: int = 5000) -> str:
        value = self.text(key, None, limit)
        if value is None:
            raise missing(self.path(key))
        return value

    def number(self, key: str, default: int | None = None) -> int | None:
        value = self.text(key)
        if value is None:
            return default
        if not _INTEGER.fullmatch(value):
            raise invalid(f"Invalid integer: {value[:40]}", self.path(key), "parameter_invalid_integer")
        return int(value)

    def need_number(self, key: str) -> int:
        self.need(key)
        return self.number(key) or 0

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.text(key)
        if value not in (None, "true", "false"):
            raise invalid(f"Invalid boolean: {value}", self.path(key))
        return default if value is None else value == "true"

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str | None:
        value = self.text(key, default)
        options = list(options)
        if value is not None and value not in options:
            raise invalid(f"Invalid {key}: must be one of {', '.join(options)}", self.path(key))
        return value

    def group(self, key: str) -> "Params":
        """A nested object; empty when it is not given."""
        value = self.values.get(key)
        if value in (None, ""):
            value = {}
        if not isinstance(value, dict):
            raise invalid("Invalid object", self.path(key))
        return Params(value, self.path(key))

    def array(self, key: str) -> list[Any]:
        value = self.values.get(key)
        if value in (None, ""):
            return []
        if not isinstance(value, list):
            raise invalid("Invalid array", self.path(key))
        return value

    def groups(self, key: str) -> list["Params"]:
        found = []
        for position, value in enumerate(self.array(key)):
            if not isinstance(value, dict):
                raise invalid("Invalid object", f"{self.path(key)}[{position}]")
            found.append(Params(value, f"{self.path(key)}[{position}]"))
        return found

    def url(self, key: str, required: bool = False) -> str | None:
        value = self.need(key) if required else self.text(key)
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise StripeError("Not a valid URL", code="url_invalid", param=self.path(key), saved=False)
        return value

    def metadata(self, old: dict[str, str] | None = None) -> dict[str, str]:
        """Fifty keys of 40 characters with values of 500; an empty value removes its key."""
        kept = dict(old or {})
        if self.values.get("metadata") == "":
            return {}
        for key, value in self.group("metadata").values.items():
            name = f"{self.path('metadata')}[{key}]"
            if not isinstance(value, str) or len(value) > 500 or len(key) > 40:
                raise invalid("Metadata keys have at most 40 and values at most 500 characters", name)
            kept[key] = value
        kept = {key: value for key, value in kept.items() if value != ""}
        if len(kept) > 50:
            raise invalid("Metadata can have at most 50 keys", self.path("metadata"))
        return kept
