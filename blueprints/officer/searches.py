"""Searches that officers keep, those that are watched, and what they raised."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from blueprints.fields import Line, Whole
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.audit.searching import Facets
from daigou.casework import alerts
from daigou.casework import searches as service
from daigou.casework.models import SavedSearch
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp
from .audit import FACETS, SearchForm


class KeepForm(FlaskForm):
    name = Line(lazy("Name"), 120, required=True)
    query = Line(lazy("The search"), 1500)
    shared = BooleanField(lazy("For all officers"))
    threshold = Whole(lazy("Alert at so many entries"), 1, service.MOST_COUNTED, required=False)
    minutes = Whole(lazy("within so many minutes"), 1, service.LONGEST_WINDOW, required=False)


@bp.get("/searches")
@guarded("audit.view")
def searches() -> str:
    return _page(KeepForm(formdata=None, query=_query(request.args)))


@bp.post("/searches")
@guarded("audit.view")
def keep_search() -> ResponseReturnValue:
    form = KeepForm()
    try:
        if form.validate():
            return once(lambda: _keep(form))
    except Refusal as refusal:
        fail(form, refusal)
        return _page(form), refusal.status
    return _page(form), 422


def _keep(form: KeepForm) -> str:
    counts = {"threshold": form.threshold.number, "minutes": form.minutes.number}
    service.keep(actor(), form.name.data or "", _facets(form.query.data or ""), shared=form.shared.data, **counts)
    flash(_("Kept."), "success")
    return url_for("officer.searches")


@bp.post("/searches/<ref>/drop")
@guarded("audit.view")
def drop_search(ref: str) -> ResponseReturnValue:
    service.drop(actor(), ref)
    flash(_("Dropped. What it raised stays on record."), "info")
    return redirect(url_for("officer.searches"), 303)


@bp.post("/searches/alerts/seen")
@guarded("audit.view")
def see_alerts() -> ResponseReturnValue:
    alerts.see(actor())
    return redirect(url_for("officer.searches"), 303)


def _facets(query: str) -> Facets:
    """Of the address of a search, as its own form reads it; nothing of what that form refuses."""
    given: MultiDict[str, str] = MultiDict(parse_qsl(query))
    form = SearchForm(given)
    return form.facets() if form.validate() else Facets()


def _query(given: MultiDict[str, str]) -> str:
    return urlencode({name: given[name] for name in ("since", "until", *FACETS) if given.get(name)})


def address(row: SavedSearch, **more: str) -> str:
    """Where the search is opened."""
    facets = service.facets_of(row)
    given = {name: value for name, value in facets.given().items() if name in FACETS}
    return url_for("officer.audit", **{**given, **more})


def _page(form: KeepForm) -> str:
    page, searched = alerts.raised(actor(), request.args.get("cursor"))
    return render_template(
        "officer/searches.html", console=True, form=form, known=service.known_to(actor()), page=page,
        searched=searched, address=address, name_of=service.name_of, chosen=form.query.data,
    )  # fmt: skip
