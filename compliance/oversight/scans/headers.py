"""The headers that our own pages are served with, asked for over HTTP like any browser does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .form import NotScanned, Result, Weakness

if TYPE_CHECKING:
    import httpx

PAGES = ("/", "/sign-in", "/protection")
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
DIRECTIVES = ("default-src", "object-src", "base-uri", "frame-ancestors", "form-action")
HALF_A_YEAR = 15_768_000  # seconds: the least that browsers' preload lists take


def scan(base_url: str, client: httpx.Client) -> Result:
    """Every page of ``PAGES``. NotScanned when the place does not answer."""
    import httpx

    found: list[Weakness] = []
    for page in PAGES:
        try:
            answer = client.get(f"{base_url}{page}")
        except httpx.HTTPError as error:
            raise NotScanned(f"{base_url}{page} does not answer: {type(error).__name__}") from error
        found += [Weakness(page, *fault) for fault in faults(answer.headers, base_url.startswith("https://"))]
    return Result(f"{base_url}: {', '.join(PAGES)}", found)


def faults(headers: httpx.Headers, secure: bool) -> Iterator[tuple[str, str]]:
    """(what, remedy) of one answer's headers."""
    for name, value in EXPECTED.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name, 'missing')!r}", f"A proxy in front must pass {name}: {value} through."
    yield from _policy_faults(headers.get("Content-Security-Policy", ""))
    for cookie in headers.get_list("Set-Cookie"):
        yield from _cookie_faults(cookie, secure)
    if secure and _max_age(headers.get("Strict-Transport-Security", "")) < HALF_A_YEAR:
        yield "Strict-Transport-Security is missing or shorter than half a year", "Let the proxy pass it through."
    if "werkzeug" in headers.get("Server", "").lower():
        yield "the development server answers", "Serve it with the command of deploy/."


def _policy_faults(policy: str) -> Iterator[tuple[str, str]]:
    for directive in DIRECTIVES:
        if f"{directive} " not in policy:
            yield f"Content-Security-Policy has no {directive}", "Let the application's own header through."
    for weak in ("'unsafe-inline'", "'unsafe-eval'"):
        if weak in policy:
            yield f"Content-Security-Policy allows {weak}", "Remove it where it was added."


def _cookie_faults(cookie: str, secure: bool) -> Iterator[tuple[str, str]]:
    name, lower = cookie.partition("=")[0], cookie.lower()
    if name == "session" and "httponly" not in lower:
        yield "the session cookie can be read by scripts", "Set HttpOnly."
    if "samesite" not in lower:
        yield f"cookie {name} has no SameSite", "Set SameSite=Lax."
    if secure and "secure" not in lower:
        yield f"cookie {name} is sent without encryption too", "Set Secure."


def _max_age(header: str) -> int:
    for part in header.replace(" ", "").split(";"):
        if part.lower().startswith("max-age="):
            digits = part.partition("=")[2].strip('"')
            return int(digits) if digits.isascii() and digits.isdecimal() else 0
    return 0
