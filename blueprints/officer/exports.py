"""Exports of the trail: what was asked for, asking for one, how far it is, and the bundle itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField, PasswordField, SelectChoice, SelectField

from blueprints.fields import Line, Passage, clean, needed, up_to
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on, ui
from compliance.audit import building, glance, references, wishes
from compliance.audit import exports as service
from compliance.audit.bundle import Filter
from compliance.audit.models import Export
from compliance.audit.wishes import Wanted
from daigou.accounts.directory import names_of, names_of_subjects
from daigou.accounts.stepup import confirm_password
from daigou.core import clock
from daigou.core.i18n import LOCALES, lazy

from . import bp
from .audit import RangeForm

STATES = {
    "requested": (lazy("Waiting"), "info"),
    "building": (lazy("Being made"), "info"),
    "ready": (lazy("Ready"), "success"),
    "failed": (lazy("Failed"), "error"),
}
FAULTS = {
    building.DAMAGED: lazy(
        "The log contradicts itself here. Nothing was exported. "
        "Ask whoever runs the server to run “daigou audit fsck” now."
    ),
    building.WITNESS: lazy("The checkpoint from outside does not fit this log’s past. Keep it and tell your auditor."),
    building.NOTHING: lazy("The log has not been signed yet. Ask again in a minute."),
}
NAMES = {
    "from": lazy("From"),
    "to": lazy("Earlier than"),
    "kind": lazy("Kind"),
    "order_ref": lazy("Order or parcel"),
    "merchant_ref": lazy("Merchant"),
    "subject": lazy("Person"),
    "stream": lazy("One thing alone"),
}
STILL = timedelta(seconds=10)
LARGEST_WITNESS = 64 * 1024  # bytes: a checkpoint has a few hundred


class ExportForm(RangeForm):
    reason = Passage(
        lazy("What it is for"),
        wishes.LONGEST,
        required=True,
        description=lazy("It stays with the export. At least 10 characters."),
    )
    locale = SelectField(lazy("Language of the cover page"), choices=[SelectChoice(*pair) for pair in LOCALES.items()])
    witness_file = FileField(
        lazy("Checkpoint from outside"),
        description=lazy("One that an auditor or a witness kept. The bundle then proves that it continues it."),
    )
    witness = Passage(lazy("Or its text"), LARGEST_WITNESS)
    about = Line(
        lazy("Case or other reference"),
        40,
        description=lazy("All that happened to this one thing, such as RET-… or APP-…."),
    )
    recipient = Line(
        lazy("Encrypt for"),
        100,
        description=lazy("The auditor’s age public key, age1…. Then only its owner can open the file."),
    )
    documents = BooleanField(
        lazy("With the documents that the entries tell of"),
        description=lazy("They are personal data in clear: another officer must agree first."),
    )
    password = PasswordField(lazy("Your password, once more"), [needed(), up_to(200)])

    def wanted(self) -> Wanted:
        """The request; an uploaded checkpoint also fills the text field, so that it survives a second try."""
        upload = self.witness_file.data
        if upload:
            self.witness.data = clean(upload.read(LARGEST_WITNESS).decode("utf-8", "replace"))
        since, until = self.span()
        facets = {n: self[n].data or None for n in ("kind", "order_ref", "merchant_ref", "subject")}
        note = f"{self.witness.data}\n" if self.witness.data else None
        stream = references.stream_of(self.about.data) if self.about.data else None
        chosen, recipient = Filter(since, until, **facets, stream=stream), self.recipient.data or None
        return Wanted(chosen, self.reason.data, self.locale.data, note, recipient, self.documents.data)


@bp.get("/exports")
@guarded("audit.export")
def exports() -> str:
    form = ExportForm(request.args if any(name in request.args for name in ("since", *FILTERS)) else None)
    form.locale.data = ui().locale if ui().locale in LOCALES else "en"
    return _page(form)


@bp.post("/exports")
@guarded("audit.export")
def ask_export() -> ResponseReturnValue:
    form = ExportForm()
    with shown_on(form) as shown:
        if form.validate():
            wanted = form.wanted()
            confirm_password(actor(), form.password.data)
            return once(lambda: url_for(".export", ref=service.ask(actor(), wanted).ref))
    return _page(form), shown.status


@bp.get("/exports/<ref>")
@guarded("audit.export")
def export(ref: str) -> ResponseReturnValue:
    row = service.find(actor(), ref)
    if request.headers.get("X-Requested-With") == "poll" and is_old_news(row):
        return "", 204
    host = current_app.extensions["config"].base_url
    return render_template("officer/export.html", console=True, export=row, host=host, **_words(row))


@bp.get("/exports/<ref>/bundle.zip")
@guarded("export.fetch")
def export_bundle(ref: str) -> Response:
    row, pieces = service.fetch(actor(), ref)
    response = Response(pieces, mimetype="application/zip")
    name = f"{row.ref}.zip{'.age' if row.recipient else ''}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    response.content_length = row.size or 0
    return response


FILTERS = ("until", "kind", "order_ref", "merchant_ref", "subject")


def _page(form: ExportForm) -> str:
    page = service.history(actor(), request.args.get("cursor"))
    fetched, people = service.fetches(page.rows), names_of({row.requested_by for row in page.rows})
    rows = [(row, *STATES[row.state], asked(row)) for row in page.rows]
    return render_template(
        "officer/exports.html", console=True, form=form, rows=rows, older=page.next, kinds=glance.kinds(),
        fetched=fetched, people=people,
    )  # fmt: skip


def _words(row: Export) -> dict[str, Any]:
    label, tone = STATES[row.state]
    fault = FAULTS.get(row.error or "", "")
    fetched = service.fetches([row])[row.id]
    people = {"by": names_of({row.requested_by}), "names": names_of_subjects({fetch.by for fetch in fetched})}
    known = {"label": label, "tone": tone, "fault": fault, "asked": asked(row)}
    return {**known, **people, "second": service.second_person(row), "fetched": fetched}


def is_old_news(row: Export) -> bool:
    """Done for long enough that an open page has shown it: it may stop asking."""
    return row.is_("ready", "failed") and clock.now() - row.state_since > STILL


def asked(row: Export) -> list[tuple[Any, str]]:
    """The conditions of an export, in words."""
    shown = [(NAMES[name], value[:10] if name in ("from", "to") else value) for name, value in row.filter.items()]
    shown += [(lazy("Encrypted for"), row.recipient)] if row.recipient else []
    return [*shown, (lazy("Documents"), lazy("with them"))] if row.with_documents else shown
