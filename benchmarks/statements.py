"""How many statements one request sends, counted in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from benchmarks.house import Market


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects what any engine of this process sends while the block runs."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def of_request(market: Market, path: str, cookie: str = "", form: str | None = None) -> int:
    """Of one request to a warm process; ``form`` makes it a POST."""
    browser = market.app.test_client(use_cookies=False)
    method = "GET" if form is None else "POST"
    kind = "application/x-www-form-urlencoded"
    with counted() as seen:
        answer = browser.open(path, method=method, data=form, content_type=kind, headers={"Cookie": cookie})
    if answer.status_code >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status_code}")
    return len(seen)
