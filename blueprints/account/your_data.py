"""One's own data: a copy to take along, a correction, and being forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from compliance.privacy import requests as service
from compliance.privacy import rules
from compliance.privacy.purposes import PURPOSES
from daigou.core.access import Actor
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy
from daigou.documents import service as documents

from . import bp

KINDS = {
    "access": lazy("A copy of your data"),
    "portability": lazy("Your data for another service"),
    "erasure": lazy("Erasing your account"),
    "rectification": lazy("Putting something right"),
}
STATES = {
    "received": (lazy("Received"), "info"),
    "running": (lazy("Under way"), "info"),
    "answered": (lazy("Done"), "success"),
    "refused": (lazy("Refused"), "warning"),
    "withdrawn": (lazy("Called off"), ""),
}


class CorrectionForm(FlaskForm):
    words = fields.Passage(lazy("What is wrong, and what is right"), 2000, required=True)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the privacy page shows of it."""

    rows: Any
    open: frozenset[str]
    kinds: dict[str, Any]
    states: dict[str, Any]


def overview(who: Actor) -> Overview:
    rows = service.mine(who)
    return Overview(rows, frozenset(row.kind for row in rows if row.is_(*service.OPEN)), KINDS, STATES)


@bp.post("/account/privacy/copies")
@guarded("privacy.ask")
def ask_copy() -> ResponseReturnValue:
    def work() -> str:
        service.ask_copy(actor(), service.own(actor()))
        flash(_("We put it together now, and tell you when it is ready."), "success")
        return url_for("account.privacy")

    return once(work)


@bp.get("/account/privacy/copies/<ref>.zip")
@guarded("privacy.ask")
@stepped_up
def fetch_copy(ref: str) -> ResponseReturnValue:
    file = service.copy_of(actor(), ref)
    response = Response(documents.open_stream(file), mimetype=file.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=f"{ref}.zip")
    response.headers["Cache-Control"] = "no-store"
    response.content_length = file.size
    return response


@bp.get("/account/privacy/correction")
@guarded("privacy.ask")
def correction() -> str:
    return render_template("account/correction.html", form=CorrectionForm())


@bp.post("/account/privacy/correction")
@guarded("privacy.ask")
def ask_correction() -> ResponseReturnValue:
    form = CorrectionForm()
    try:
        if form.validate():
            return once(lambda: _corrected(form.words.data))
    except Refusal as refusal:
        fail(form, refusal)
    return render_template("account/correction.html", form=form), 422


def _corrected(words: str) -> str:
    service.ask_correction(actor(), service.own(actor()), words)
    return url_for("account.privacy")


@bp.get("/account/privacy/erasure")
@guarded("privacy.ask")
def erasure() -> str:
    return _erasure_page(FlaskForm())


@bp.post("/account/privacy/erasure")
@guarded("privacy.ask")
@stepped_up
def ask_erasure() -> ResponseReturnValue:
    form = FlaskForm()
    try:
        return once(_ask_erasure)
    except Refusal as refusal:
        fail(form, refusal)
    return _erasure_page(form), 422


def _ask_erasure() -> str:
    service.ask_erasure(actor(), service.own(actor()))
    flash(_("Written down. You can call it off until the day it happens."), "success")
    return url_for("account.privacy")


@bp.post("/account/privacy/requests/<ref>/withdraw")
@guarded("privacy.ask")
def withdraw_request(ref: str) -> ResponseReturnValue:
    service.withdraw(actor(), ref)
    flash(_("Called off."), "success")
    return redirect(url_for("account.privacy"), 303)


def _erasure_page(form: FlaskForm) -> str:
    person = service.own(actor())
    obstacles, stays = service.explained(person)
    waiting = service.open_of(person.account_id, "erasure")
    return render_template(
        "account/erasure.html", form=form, obstacles=obstacles, stays=stays, waiting=waiting, purposes=PURPOSES,
        days=rules.COOLING_OFF.days,
    )  # fmt: skip
