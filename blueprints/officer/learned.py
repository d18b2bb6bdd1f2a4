"""The models that were learned from decided payments: their weights to read, how good they are, which one is in use."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from compliance.audit import proposals
from daigou.core.i18n import _, lazy
from daigou.risk.learning import rules
from daigou.risk.learning import service as room
from daigou.risk.learning.models import LearnedModel

from . import bp
from .habits import SIGNS

STATES = {
    "trained": (lazy("Not in use"), "info"),
    "active": (lazy("In use"), "success"),
    "retired": (lazy("Was in use"), ""),
}


class UseForm(FlaskForm):
    reason = Passage(lazy("Reason, for whoever decides"), proposals.LONGEST, required=True)


@bp.get("/habits/models")
@guarded("habit.view")
def learned_models() -> str:
    return _page(UseForm(formdata=None))


@bp.post("/habits/models/<ref>/use")
@guarded("habit.propose")
def use_model(ref: str) -> ResponseReturnValue:
    form = UseForm()
    with shown_on(form) as shown:
        if form.validate():
            response = once(lambda: _proposed(ref, form))
            flash(_("Proposed. It is used when a second person has agreed."), "success")
            return response
    return _page(form, ref), shown.status


def _proposed(ref: str, form: UseForm) -> str:
    room.propose(actor(), ref, form.reason.data)
    return url_for("officer.learned_models")


def _page(form: UseForm, ref: str = "") -> str:
    found = room.models(actor())
    wanted = ref or request.args.get("model", "")
    chosen = next((model for model in found if model.ref == wanted), found[0] if found else None)
    return render_template(
        "officer/learned.html",
        console=True,
        models=found,
        chosen=chosen,
        weights=_weights(chosen) if chosen else [],
        figures=chosen.figures if chosen else {},
        form=form,
        states=STATES,
        least=(rules.LEAST_WRONG, rules.LEAST_RIGHT),
    )


def _weights(model: LearnedModel) -> list[tuple[Any, float]]:
    """Words and weight of each sign, the heaviest first."""
    rows = sorted(model.weights, key=lambda row: -abs(row["weight"]))
    return [(SIGNS.get(row["sign"], row["sign"]), row["weight"]) for row in rows]
