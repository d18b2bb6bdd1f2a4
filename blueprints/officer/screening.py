"""Screening cases: the queue on the left; claims, entries and decisions on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import countries, fields
from blueprints import screening as words
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.audit import proposals
from compliance.screening import cases, service
from compliance.screening.models import Party
from compliance.screening.rules import PATIENCE
from daigou.core import clock
from daigou.core.errors import NotFound, Refusal
from daigou.core.i18n import _, lazy

from . import bp

TABS = (("held", lazy("Waiting")), ("confirmed", lazy("Confirmed")), ("clear", lazy("Cleared")))


DECISIONS = ("clear", "confirm", "reopen")


class ReasonForm(FlaskForm):
    reason = fields.Passage(
        lazy("Reason"),
        proposals.LONGEST,
        required=True,
        description=lazy("At least 10 characters. It stays with the case."),
    )


class NoteForm(FlaskForm):
    note = fields.Passage(lazy("Note"), 1000, required=True)


@bp.get("/screening")
@guarded("screening.view")
def screening() -> str:
    state = request.args.get("state", "held")
    return render_template("officer/screening.html", console=True, **_queue(state if state in cases.STATES else "held"))


@bp.get("/screening/<ref>")
@guarded("screening.view")
def screening_case(ref: str) -> str:
    return _matter(cases.open_case(actor(), ref))


@bp.post("/screening/<ref>/note")
@guarded("screening.decide")
def note_screening(ref: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate_on_submit():
        return _matter(cases.find(actor(), ref), note=form), 422
    cases.add_note(actor(), ref, form.note.data)
    return redirect(url_for(".screening_case", ref=ref), 303)


@bp.post("/screening/<ref>/<match>/clear")
@guarded("screening.decide")
def clear_screening(ref: str, match: str) -> ResponseReturnValue:
    done = _("Kept: this entry is somebody else. What waited goes on by itself when nothing else is open.")
    return _decide(cases.clear, ref, match, "clear", done)


@bp.post("/screening/<ref>/<match>/confirm")
@guarded("screening.decide")
def confirm_screening(ref: str, match: str) -> ResponseReturnValue:
    return _decide(
        cases.propose_confirmation, ref, match, "confirm", _("A second person must agree. It is in the approvals.")
    )


@bp.post("/screening/<ref>/<match>/reopen")
@guarded("screening.decide")
def reopen_screening(ref: str, match: str) -> ResponseReturnValue:
    return _decide(
        cases.propose_reopening, ref, match, "reopen", _("A second person must agree. It is in the approvals.")
    )


def _decide(decide: Callable[..., Any], ref: str, match: str, what: str, done: str) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():

        def work() -> str:
            decide(actor(), ref, match, form.reason.data)
            flash(done, "success")
            return url_for("officer.screening_case", ref=ref)

        try:
            return once(work)
        except NotFound:
            raise
        except Refusal as refusal:
            fail(form, refusal)
    return _matter(cases.find(actor(), ref), sent=(match, what), form=form), 422


def _form(key: tuple[str, str], form: ReasonForm | None = None) -> ReasonForm:
    """Several of these forms stand on one page, so each field has an id of its own."""
    made = form or ReasonForm(formdata=None)
    made.reason.id = made.reason.label.field_id = f"reason-{key[1]}-{key[0]}"
    return made


def _queue(state: str) -> dict[str, Any]:
    page = cases.queue(actor(), state, request.args.get("cursor"))
    tabs = [(label, url_for("officer.screening", state=name), name == state) for name, label in TABS]
    lists = cases.lists(actor())
    return {"page": page, "state": state, "tabs": tabs, "words": words, "late": clock.now() - PATIENCE, "lists": lists}


def _matter(party: Party, **shown: Any) -> str:
    """``shown`` carries the small form that was sent with a fault, and which one it was."""
    claims = party.claims if isinstance(party.claims, dict) else {}
    matches = service.matches(party)
    sent, form = shown.get("sent"), shown.get("form")
    forms = {
        key: _form(key, form if key == sent else None) for key in ((m.ref, what) for m in matches for what in DECISIONS)
    }
    return render_template(
        "officer/screening_case.html",
        console=True,
        party=party,
        claims=claims,
        country=countries.name(claims["country"]) if claims.get("country") else "",
        matches=matches,
        forms=forms,
        sent=sent,
        note=shown.get("note") or NoteForm(formdata=None),
        uses=service.uses(party.id),
        proposal=cases.proposal_of(party),
        country_name=countries.name,
        own=party.subject == actor().subject,
        **_queue(party.state),
    )
