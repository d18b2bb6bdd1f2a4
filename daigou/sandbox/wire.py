"""Requests, answers and the route table: the little of HTTP that the rooms of the sandbox see."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """`headers` has lower-case names; `path` is without the query."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def secret(self) -> str:
        """The key in Bearer or Basic authorisation (Basic carries it as the user name)."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return value.strip()
        import base64

        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""

    def form(self) -> dict[str, str]:
        """A flat HTML form, or the same fields sent as JSON by a script."""
        if "json" in self.headers.get("content-type", ""):
            try:
                found = json.loads(self.body or b"{}")
            except ValueError:
                return {}
            return {k: str(v) for k, v in found.items()} if isinstance(found, dict) else {}
        from urllib.parse import parse_qsl

        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def args(self) -> dict[str, str]:
        from urllib.parse import parse_qsl

        return dict(parse_qsl(self.query))


@dataclass(frozen=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Hang(Exception):
    """Keep the caller waiting, then drop the connection without an answer."""

    def __init__(self, seconds: float, reset: bool = False) -> None:
        super().__init__("connection dropped on request")
        self.seconds, self.reset = seconds, reset


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, body, {"Content-Type": "application/json", **(headers or {})})


def redirect(url: str) -> Response:
    """303: the browser follows with GET, whatever it posted."""
    return Response(303, b"", {"Location": url})


@dataclass(frozen=True)
class Route:
    """`pattern` is written like `/v1/refunds/<id>`; `allowed` names the parameters it knows."""

    method: str
    pattern: str
    handler: Callable[..., Any]
    allowed: frozenset[str] = frozenset()

    def match(self, method: str, path: str) -> dict[str, str] | None:
        if method != self.method:
            return None
        found = _compiled(self.pattern).fullmatch(path)
        return found.groupdict() if found else None


_patterns: dict[str, re.Pattern[str]] = {}


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern not in _patterns:
        _patterns[pattern] = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern))
    return _patterns[pattern]


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in routes:
        found = route.match(method, path)
        if found is not None:
            return route, found
    return None
