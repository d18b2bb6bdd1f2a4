"""What every page needs: language, currency, direction, navigation, and refusals turned into pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from babel import Locale, UnknownLocaleError
from flask import (
    Flask,
    current_app,
    flash,
    g,
    has_request_context,
    jsonify,
    make_response,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, get_locale
from flask_wtf.csrf import CSRFError
from jinja2 import Template
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from daigou.core import i18n
from daigou.core.access import Actor, can
from daigou.core.db import tell
from daigou.core.errors import NotFound, Refusal
from daigou.core.i18n import LOCALES, PSEUDO_LOCALE, direction, lazy
from daigou.core.money import Money
from daigou.core.zones import UTC
from daigou.pricing import service as pricing
from daigou.pricing.rules import CURRENCIES

from . import away, guard, nav, once
from .nav import Link

STATIC = Path(__file__).parent / "static"


@dataclass
class Ui:
    """What layout.html reads. No query happens here: the actor is known by then or not asked for.

    What not every page draws (a menu, a footer that is kept) is put together when it is read.
    """

    locale: str
    dir: str
    currency: str
    theme: str
    sandbox: bool
    actor: Actor | None
    cart_count: int = 0

    @cached_property
    def locales(self) -> list[tuple[str, str]]:
        return list(locales().items())

    @property
    def locale_label(self) -> str:
        return locales().get(self.locale, self.locale)

    @property
    def currencies(self) -> list[tuple[str, str]]:
        return _currency_choices(self.locale)

    @cached_property
    def nav(self) -> list[Link]:
        return nav.for_actor(self.actor)

    @cached_property
    def section(self) -> list[Link]:
        return nav.of_section(self.actor)

    @property
    def section_is_yours(self) -> bool:
        return nav.is_yours()

    @property
    def account(self) -> list[tuple[str, str]]:
        return nav.account_links(self.actor)

    @property
    def footer(self) -> list[tuple[str, str]]:
        return _footer(self.locale)

    @cached_property
    def cart_url(self) -> str:
        return nav.cart_address(self.actor)

    @property
    def protection(self) -> str:
        """What held money is called here: "escrow" is a regulated word in places."""
        return current_app.extensions["config"].escrow_name or i18n._("Protected payment")

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Of the currencies, those that nothing can be priced in now."""
        return pricing.unpriced()


def locales() -> dict[str, str]:
    """The languages offered here: a pseudo-language too beside the sandbox."""
    extra = PSEUDO_LOCALE if current_app.config["SANDBOX"] else {}
    return {**LOCALES, **extra}


def choose_locale() -> Locale:
    """The switch's cookie, else the browser's preference, else English."""
    if not has_request_context():
        return _language("en")  # a job or a command; who writes to somebody forces that person's language
    chosen = request.cookies.get("locale", "")
    if chosen in locales():
        return _language(chosen)
    return _language(_preferred(tuple(request.accept_languages.values())))


@cache
def _language(code: str) -> Locale:
    """One object a language: to parse its name anew takes as long as the query of a page."""
    return Locale.parse(code)


def choose_zone() -> str:
    """Of whoever has signed in; UTC for others and for jobs."""
    return g.get("zone", UTC) if has_request_context() else UTC


@lru_cache(maxsize=512)
def _preferred(tags: tuple[str, ...]) -> str:
    """The first of a browser's languages that there is here. Few headers differ, and parsing them is dear."""
    for tag in tags:
        try:
            wanted = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        for known in LOCALES:
            if Locale.parse(known).language == wanted.language:
                return known
    return "en"


def choose_currency() -> str:
    chosen = request.cookies.get("currency", "")
    return chosen if chosen in CURRENCIES else "EUR"


def ui() -> Ui:
    if "ui" not in g:
        who = guard.actor()
        g.ui = Ui(
            locale=str(get_locale() or "en"),
            dir=direction(get_locale()),
            currency=choose_currency(),
            theme=request.cookies.get("theme", "auto") if request.cookies.get("theme") in ("light", "dark") else "auto",
            sandbox=current_app.config["SANDBOX"],
            actor=who if who and who.is_signed_in else None,
            cart_count=session.get("cart_count", 0),
        )
    found: Ui = g.ui
    return found


@cache
def _currency_choices(locale: str) -> list[tuple[str, str]]:
    return [(code, i18n.currency_name(code, locale)) for code in CURRENCIES]


@cache
def _footer(locale: str) -> list[tuple[str, str]]:
    return nav.footer_links()


@cache
def static(path: str) -> str:
    """A static file's address with its digest, so that it may be cached for a year. A page has twenty of them."""
    file = STATIC / path
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "missing"
    return url_for("static", filename=path, v=digest)


_pieces: dict[tuple[object, ...], Markup] = {}


def kept(*key: object, caller: Callable[[], Markup]) -> Markup:
    """``{% call kept('footer', ui.locale) %}``: a piece that is drawn once for each key.

    The key names all that the piece depends on, each from a small closed set.
    """
    if key not in _pieces:
        _pieces[key] = caller()
    return _pieces[key]


def moves(thing: Any) -> set[str]:
    """The moves this actor has on this thing now: pages draw just these buttons."""
    who = guard.actor()
    return {m.name for m in thing.machine.possible(thing.state) if can(who, m.permission, thing)}


def turned(here: str, name: str, cursor: str | None) -> str:
    """A page's address with its list ``name`` at another place (None: the beginning), the others where they are."""
    path, _hash, section = here.partition("#")
    kept = {key: value for key, value in request.args.items() if key != name} | ({name: cursor} if cursor else {})
    return path + (f"?{urlencode(kept)}" if kept else "") + (f"#{section}" if section else "")


class _Page(Template):
    """A template whose imports are run once. Jinja asks at each import of each page whether the importing template has
    globals of its own, by subtracting two sets of names; here all of them have the environment's."""

    def _get_default_module(self, _context: Any = None) -> Any:
        return super()._get_default_module()


def install(app: Flask) -> None:
    app.jinja_env.template_class = _Page
    app.jinja_env.filters.update(
        money=i18n.format_money,
        moment=i18n.format_moment,
        evidence=i18n.format_evidence,
        country=i18n.country_name,
        number=format_decimal,
        day=i18n.format_day,
        amount=lambda minor, c: i18n.format_money(Money(minor, c)),
    )
    app.jinja_env.globals.update(
        _=i18n.phrase,
        gettext=i18n.phrase,
        kept=kept,
        static=static,
        new_once=once.new_once,
        moves=moves,
        turned=turned,
        can=lambda p, t=None: can(guard.actor(), p, t),
    )
    app.context_processor(lambda: {"ui": ui()})
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http_error)
    away.install(app)


def fail(form: Any, refusal: Refusal) -> None:
    """Put a refusal's messages at the fields of a form, so that it is shown again with all that was typed."""
    fields = getattr(refusal, "fields", {})
    for name, message in fields.items():
        target = getattr(form, name, None)
        if target is not None:
            target.errors = [*target.errors, message]
        else:
            flash(str(message), "error")
    if not fields:
        flash(str(refusal.message), "error")


@dataclass
class Shown:
    """The status of a form that is shown again: 422 for what the form itself found, else the refusal's own."""

    status: int = 422


@contextmanager
def shown_on(form: Any) -> Iterator[Shown]:
    """A refusal inside ends the block and stands on the form, for the view to draw it again after the block."""
    shown = Shown()
    try:
        yield shown
    except Refusal as refusal:
        fail(form, refusal)
        shown.status = refusal.status


def key_of(text: str) -> UUID:
    """A key from an address; NotFound when it is none."""
    try:
        return UUID(text)
    except ValueError as error:
        words = lazy("There is no such thing here, or it is not yours.")
        raise NotFound("page.not_found", words) from error


def _refused(refusal: Refusal) -> ResponseReturnValue:
    tell(refusal)
    if away.wants_json():
        headers = {"Retry-After": str(away.RETRY_SECONDS)} if refusal.status == 503 else {}
        return jsonify(error=refusal.code, message=str(refusal.message)), refusal.status, headers
    return _page(refusal.status, str(refusal.message or ""), refusal)


def _stale(error: CSRFError) -> ResponseReturnValue:
    return _page(
        400, str(lazy("This page was open too long, or was opened elsewhere. Go back, reload it and send it again."))
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if isinstance(cause := getattr(error, "original_exception", None), away.AWAY):
        return away.answer(cause)  # it went away while another error's page was drawn
    if away.wants_json():
        return jsonify(error=error.name), error.code
    return _page(error.code, "")


def _page(status: int, message: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    if status == 503:
        return away.page(message)
    known = {400, 403, 404, 409, 413, 429, 500}
    name = status if status in known else 409 if status == 422 else 400 if status < 500 else 500
    fields = {k: str(v) for k, v in getattr(refusal, "fields", {}).items()}
    return make_response(
        render_template(f"errors/{name}.html", reason=message, fields=fields, request_id=g.get("request_id")), status
    )
