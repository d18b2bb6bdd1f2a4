"""Templates into answers. Jinja is loaded with the first page, so that the start stays quick."""

from functools import cache
from pathlib import Path
from typing import Any

from daigou.sandbox.wire import Response

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from daigou.sandbox.stripe.currencies import display

    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.globals["money"] = display
    return environment


def draw(template: str, status: int = 200, **values: Any) -> Response:
    body = _environment().get_template(template).render(**values).encode()
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Response(status, body, {**headers, "Content-Security-Policy": _POLICY})


def message(title: str, text: str, status: int, link: str | None = None) -> Response:
    return draw("message.html", status, title=title, text=text, link=link)
