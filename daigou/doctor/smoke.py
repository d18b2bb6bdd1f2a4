"""The read-only check of a live deployment, over HTTP as anybody sees it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from compliance.audit import checkpoint
from compliance.audit import note as signed_note

from .findings import Finding, note, ok, wrong

PAGES = ("/", "/search?q=figure", "/protection", "/sign-in")
HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")


def smoke(base_url: str) -> Iterator[Finding]:
    with httpx.Client(base_url=base_url, timeout=15, follow_redirects=True) as client:
        for check in (_alive, _pages, _headers, _log):
            try:
                yield from check(client)
            except httpx.HTTPError as error:
                yield wrong(check.__name__.strip("_"), str(error) or type(error).__name__, f"Is {base_url} reachable?")


def _alive(client: httpx.Client) -> Iterator[Finding]:
    if client.get("/healthz").status_code != 200:
        yield wrong("process", "/healthz does not answer 200", "Look at the web server's log.")
    ready = client.get("/readyz")
    failing = [name for name, fine in ready.json()["checks"].items() if not fine]
    if failing:
        yield wrong("behind it", f"not ready: {', '.join(failing)}", "Run `daigou doctor` on the host.")
    else:
        yield ok("process", "healthy and ready")


def _pages(client: httpx.Client) -> Iterator[Finding]:
    bad = [f"{path} {status}" for path in PAGES if (status := client.get(path).status_code) != 200]
    if bad:
        yield wrong("pages", ", ".join(bad), "Look at the web server's log.")
    else:
        yield ok("pages", f"{len(PAGES)} answer")


def _headers(client: httpx.Client) -> Iterator[Finding]:
    answer = client.get("/")
    missing = [name for name in HEADERS if name not in answer.headers]
    if answer.url.scheme == "https" and "Strict-Transport-Security" not in answer.headers:
        missing.append("Strict-Transport-Security")
    if missing:
        yield wrong("headers", f"missing: {', '.join(missing)}", "Does a proxy strip them?")
    elif answer.url.scheme != "https":
        yield note("headers", "in place; no TLS here, so no HSTS")
    else:
        yield ok("headers", "in place")


def _log(client: httpx.Client) -> Iterator[Finding]:
    vkey = client.get("/log/vkey").text.strip()
    answer = client.get("/log/checkpoint")
    if answer.status_code == 404:
        yield note("log", "no checkpoint yet")
        return
    key = signed_note.parse_vkey(vkey)
    signed = checkpoint.verify(answer.text, key.name, [key])
    yield ok("log", f"checkpoint at {signed.size} entries, signed by the key at /log/vkey")
