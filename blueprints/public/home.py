"""The start page, the categories and the search: all of them pages of the same window."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from daigou.catalog import service as catalog
from daigou.catalog.rules import CATEGORIES, CATEGORY_WORDS

from . import bp, cards

LARGEST = 2**63 - 1


@bp.get("/")
@guarded("public.view")
def home() -> ResponseReturnValue:
    return _page("public/home.html")


@bp.get("/categories/<slug>")
@guarded("public.view")
def category(slug: str) -> ResponseReturnValue:
    if slug not in CATEGORIES:
        abort(404)
    return _page("public/category.html", category=slug)


@bp.get("/search")
@guarded("public.view")
def search() -> ResponseReturnValue:
    """Words find listings; a pasted link asks a merchant to find the thing."""
    words = request.args.get("q", "").strip()[:500]
    if is_link(words):
        return redirect(url_for("shopper.sourcing", url=words), 303)
    if not words:
        return redirect(url_for("public.home"), 303)
    return _page("public/search.html", words=words)


def is_link(words: str) -> bool:
    return words.lower().startswith(("https://", "http://")) and " " not in words


def _page(template: str, **filters: Any) -> ResponseReturnValue:
    found = catalog.window(**filters, older=_number("older"), newer=_number("newer"))
    return render_template(
        template,
        cards=cards.draw(found.places),
        categories=[(slug, CATEGORY_WORDS[slug], url_for("public.category", slug=slug)) for slug in CATEGORIES],
        current=filters.get("category"),
        query=filters.get("words"),
        newer=_link("newer", found.newer),
        older=_link("older", found.older),
    )


def _number(name: str) -> int | None:
    """A place in the window; anything that is none means the first page."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number <= LARGEST else None


def _link(name: str, number: int | None) -> str | None:
    if number is None or request.endpoint is None:
        return None
    kept: dict[str, Any] = {k: v for k, v in request.args.items() if k == "q"}
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept, name: number})
