"""``@stepped_up``: before something that must not happen at an unattended desk, the person says again who they are.

It lasts ten minutes in the session (accounts.stepup). A form that comes later is not lost: the page that asks carries
all that was typed, and its answer is the form itself with a proof. Files can't be carried: they are chosen again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from daigou.accounts import stepup
from daigou.core.errors import Refusal
from daigou.core.i18n import lazy

from . import fields
from .guard import actor
from .pages import fail

V = TypeVar("V", bound=Callable[..., Any])
PROOF = "proof"


class StepUpForm(FlaskForm):
    proof = fields.Secret(lazy("Password or code"))


def stepped_up(view: V) -> V:
    """Ask before this view runs; sits below ``@guarded``."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        who = actor()
        if stepup.is_fresh(who):
            return view(*args, **kwargs)
        if request.method != "POST":
            return redirect(url_for("account.step_up", next=request.full_path.rstrip("?")), 303)
        form = StepUpForm()
        if PROOF in request.form and form.proof.validate(form):
            try:
                stepup.confirm(who, form.proof.data)
                return view(*args, **kwargs)
            except Refusal as refusal:
                if "step_up" not in refusal.code:
                    raise
                fail(form, refusal)
        return render_template("account/step_up.html", form=form, carried=_carried()), 422

    return asked  # type: ignore[return-value]


def _carried() -> list[tuple[str, str]]:
    mine = (PROOF, "csrf_token")
    return [(name, value) for name, value in request.form.items(multi=True) if name not in mine]
