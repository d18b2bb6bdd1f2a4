"""The gate of every route: a permission from the one table, asked before the view runs.

``@guarded("order.view")`` marks a view; the application refuses to serve one without it. What depends on the thing
itself (whose order?) is asked again by the service, with the thing in hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from daigou.core.access import ANONYMOUS, PERMISSIONS, Actor, can, require

V = TypeVar("V", bound=Callable[..., Any])


def guarded(permission: str) -> Callable[[V], V]:
    """Mark a view with what it needs."""
    if permission not in PERMISSIONS:
        raise LookupError(f"no such permission: {permission}")

    def mark(view: V) -> V:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def actor() -> Actor:
    """Who makes this request. Costs one query, the first time, and none for people who are not signed in."""
    if "actor" not in g:
        g.actor = current_app.extensions["identify"]()
    found: Actor = g.actor
    return found


def install(app: Flask) -> None:
    app.before_request(_gate)


def permission_of(app: Flask, endpoint: str) -> str | None:
    """The permission a route carries; static files are public."""
    if endpoint == "static":
        return "public.view"
    return getattr(app.view_functions[endpoint], "permission", None)


def _gate() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such route: 404 by itself
    if "\0" in request.path:
        abort(404)  # no reference has one, and PostgreSQL takes none
    permission = permission_of(current_app, request.endpoint)
    if permission is None:
        raise RuntimeError(f"{request.endpoint} has no permission")
    if can(ANONYMOUS, permission):
        return None
    if not actor().is_signed_in:
        return _to_sign_in()
    if "enrolling" in actor().roles and not can(actor(), permission):
        return redirect(url_for("account.enrol"), 303)
    require(actor(), permission)
    return None


def _to_sign_in() -> ResponseReturnValue:
    """Back to where they were going once they have signed in; a form is not repeated for them."""
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=target), 303)
