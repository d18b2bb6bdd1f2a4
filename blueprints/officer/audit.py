"""The trail: a search by facets with one entry beside it, and the whole life of one thing on one page."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField

from blueprints import entries as words
from blueprints.fields import Day, Line, Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from compliance.audit import details, entry, glance, references, searching
from compliance.audit.models import Entry
from compliance.audit.searching import Facets
from daigou.casework import life, packs, people
from daigou.casework.things import Thing
from daigou.core.errors import Invalid, NotFound
from daigou.core.i18n import lazy

from . import bp

OUTCOMES = (("", lazy("Any")), *words.OUTCOMES.items())
FACETS = ("kind", "order_ref", "merchant_ref", "subject", "actor", "outcome", "stream")


class RangeForm(FlaskForm):  # type: ignore[misc]
    """Which part of the trail: what a search and an export have in common. Days are UTC's, as in the log."""

    since = Day(lazy("From (UTC)"), required=False, future=True)
    until = Day(lazy("Until, with that day (UTC)"), required=False, future=True)
    kind = Line(lazy("Kind"), 80)
    order_ref = Line(lazy("Order or parcel"), 40)
    merchant_ref = Line(lazy("Merchant"), 40)
    subject = Line(lazy("Person, by reference"), 80)

    def validate(self, extra_validators: Any = None) -> bool:
        passed = super().validate(extra_validators)
        if passed and self.since.data and self.until.data and self.until.data < self.since.data:
            self.until.errors = [*self.until.errors, lazy("This day is before the first one.")]
            return False
        return bool(passed)

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Since when, and before when."""
        last: date | None = self.until.data
        return midnight(self.since.data), midnight(last + timedelta(days=1) if last and last < date.max else None)


class SearchForm(RangeForm):
    class Meta:
        csrf = False  # it changes nothing

    q = Line(lazy("Reference or entry number"), 80)
    kind = Line(lazy("Kind, or several with blanks between"), 400)
    stream = Line(lazy("Stream"), 120)
    actor = Line(lazy("Who acted"), 80)
    outcome = SelectField(
        lazy("Outcome"),
        choices=[SelectChoice(value, label) for value, label in OUTCOMES],
        filters=[lambda chosen: chosen or ""],  # links leave it out
    )

    def facets(self) -> Facets:
        since, until = self.span()
        return Facets(since, until, **{name: self[name].data or None for name in FACETS})


class RevealForm(FlaskForm):  # type: ignore[misc]
    subject = Line(lazy("Person"), 80, required=True)
    reason = Passage(lazy("What for"), 1000, required=True)


def midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


@bp.get("/audit")
@guarded("audit.view")
def audit() -> ResponseReturnValue:
    form = SearchForm(request.args)
    if not form.validate():
        return _page(form, []), 422
    if form.q.data:
        return _jump(form)
    chosen = uuid_of(request.args.get("entry", ""))
    page = searching.search(actor(), form.facets(), request.args.get("cursor"), again=chosen is not None)
    detail = details.detail(actor(), chosen) if chosen else None
    counted = searching.tally(form.facets()) if form.facets().given() and chosen is None else []
    return _page(form, page.rows, older=page.next, looked_to=page.looked_to, counted=counted, detail=detail)


@bp.get("/audit/things/<ref>")
@guarded("audit.view")
def audit_thing(ref: str) -> str:
    """The whole life of one order, parcel, merchant, person or anything else that has a reference."""
    return life_page(life.whole(actor(), ref, request.args.get("cursor")), RevealForm())


@bp.post("/audit/things/<ref>/people")
@guarded("person.reveal")
def reveal_person(ref: str) -> ResponseReturnValue:
    """Names one person of the page, for a reason. They are in this answer only and kept nowhere."""
    form, found = RevealForm(), life.whole(actor(), ref, again=True)
    try:
        if form.validate():
            return life_page(found, form, people.reveal(actor(), form.subject.data or "", form.reason.data or ""))
    except Invalid as refusal:
        fail(form, refusal)
    return life_page(found, form), 422


def life_page(found: life.Whole, form: RevealForm, person: people.Person | None = None) -> str:
    return render_template(
        "officer/thing.html", console=True, life=found, events=[stamp(e) for e in found.page.rows], form=form,
        person=person, things=[(t, page_of(t)) for t in found.things if t.ref], words=words,
        packs=packs.about(actor(), found.ref) if found.facet == "order_ref" or found.thing else [],
    )  # fmt: skip


# Where each thing has a page of its own.
PAGES = {
    "order": "shopper.order", "parcel": "shopper.parcel", "return": "support.return_case",
    "dispute": "officer.dispute", "application": "officer.application", "screening": "officer.screening_case",
    "proposal": "officer.proposal", "export": "officer.export", "legal_pack": "officer.pack",
    "difference": "officer.difference", "breach": "officer.breach", "regulator_request": "officer.regulator",
    "audit_finding": "officer.finding", "compliance_audit": "officer.audit_of", "law_change": "officer.law",
}  # fmt: skip


def page_of(thing: Thing) -> str:
    """The thing's own page; where it has none, its life."""
    endpoint = PAGES.get(thing.kind, "")
    known = endpoint in current_app.view_functions
    return url_for(endpoint, ref=thing.ref) if known else url_for("officer.audit_thing", ref=thing.ref)


def _jump(form: SearchForm) -> ResponseReturnValue:
    """What was typed into the box is a reference, a number or an id: each leads to its page."""
    typed = str(form.q.data)
    ref = references.reference(typed)
    if ref:
        return redirect(url_for(".audit_thing", ref=ref))
    try:
        found = uuid_of(typed) or (details.entry_at(int(typed)) if is_number(typed) else None)
    except NotFound as refusal:
        form.q.errors = [refusal.message]
        return _page(form, []), 404
    if found:
        return redirect(url_for(".audit", entry=found))
    form.q.errors = [lazy("Type a reference such as ORD-7K3M9Q2XW4 or sub_…, or the number of an entry.")]
    return _page(form, []), 422


def _page(form: SearchForm, rows: Any, **more: Any) -> str:
    given = {k: v for k, v in request.args.items() if v and k in {f.name for f in form} | {"cursor"} and k != "q"}
    narrowed = {k: v for k, v in given.items() if k != "cursor"}
    overview = None if more.get("detail") else glance.by_day()
    return render_template(
        "officer/audit.html",
        console=True,
        form=form,
        entries=rows,
        kinds=glance.kinds(),
        given=given,
        narrowed=narrowed,
        days=overview,
        words=words,
        **more,
    )


def stamp(found: Entry) -> dict[str, Any]:
    """An entry as the design's timeline draws it."""
    body = entry.decode(bytes(found.body))
    moved = words.change(body)
    return {
        "id": f"entry-{found.id.hex[-12:]}",
        "kind": words.sign(found.kind),
        "label": f"{words.label(found.kind)} ({moved})" if moved else words.label(found.kind),
        "place": found.stream,
        "at": found.at,
        "who": found.actor,
        "seal": "",
        "state": "trouble" if words.is_denied(found) else "done",
        "details": words.facts(body),
        "evidence_url": url_for(".audit", entry=found.id),
    }


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
