"""Payouts by bank: what is due, the files, what the bank reported, and what nobody has explained yet."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from blueprints.fields import Day, Line, OneOf, Passage, options
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from compliance.audit import proposals
from daigou.core import clock
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.payments.payouts.banking import camt, filing, importing

from . import bp

_CODE = re.compile(r"[A-Z]{3}")
FILES = {
    "proposed": (lazy("Waits for a second officer"), "warning"),
    "approved": (lazy("Approved, not fetched"), "info"),
    "fetched": (lazy("Fetched for the bank"), "success"),
    "dropped": (lazy("Dropped"), ""),
}
VERDICTS = {
    "unmatched": lazy("Nobody knows what it belongs to."),
    "duplicate": lazy("What it belongs to was settled by another entry already."),
    "wrong_amount": lazy("It belongs to a payment of another amount."),
    "unexpected": lazy("It belongs to a payment that had not gone out, or was not confirmed."),
}


class FileForm(FlaskForm):
    currency = OneOf(lazy("Currency"))
    execute_on = Day(lazy("Day on which our bank pays"), future=True)
    reason = Passage(lazy("Reason, for whoever decides"), proposals.LONGEST, required=True)


class ReportForm(FlaskForm):
    file = FileField(lazy("Report of our bank (camt.054)"))


class NoteForm(FlaskForm):
    note = Line(lazy("What was done about it"), 500, required=True)


@bp.get("/payouts")
@guarded("payout.file")
def payouts() -> str:
    return _page()


@bp.post("/payouts/file")
@guarded("payout.file")
def propose_file() -> ResponseReturnValue:
    form = _file_form()
    with shown_on(form) as shown:
        if form.validate():
            return once(lambda: _proposed(form))
    return _page(form), shown.status


def _proposed(form: FileForm) -> str:
    file = filing.propose(actor(), form.currency.data, form.execute_on.data, form.reason.data)
    flash(_("File %(ref)s waits for a second officer.", ref=file.ref), "success")
    return url_for("officer.payouts")


@bp.get("/payouts/<ref>.xml")
@guarded("payout.file")
def bank_file(ref: str) -> Response:
    file, content = filing.fetch(actor(), ref)
    response = Response(content, content_type="application/xml; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{file.ref}.xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/payouts/import")
@guarded("bank.import")
def import_report() -> ResponseReturnValue:
    form = ReportForm()
    with shown_on(form) as shown:
        upload = form.file.data
        content = upload.read(camt.LARGEST + 1) if upload else b""
        if not content:
            raise Invalid({"file": lazy("Choose a file.")})
        found = importing.take(actor(), content)
        flash(_("Report %(number)s is imported.", number=found.message_id), "success")
        return redirect(url_for("officer.payouts"), 303)
    return _page(report=form), shown.status


@bp.post("/payouts/entries/<entry>/settle")
@guarded("bank.import")
def settle_entry(entry: str) -> ResponseReturnValue:
    form = NoteForm()
    with shown_on(form) as shown:
        if form.validate():
            importing.settle(actor(), _key(entry), form.note.data)
            return redirect(url_for("officer.payouts"), 303)
    return _page(note=form, entry=entry), shown.status


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _file_form() -> FileForm:
    form = FileForm()
    codes = {row.total.currency for row in filing.due()}
    if _CODE.fullmatch(form.currency.data or ""):
        codes.add(str(form.currency.data))  # a form sent twice is led to its result, when nothing is due any more too
    form.currency.choices = options((code, code) for code in sorted(codes))
    if not form.execute_on.raw_data:
        form.execute_on.data = clock.today()
    return form


def _page(
    form: FileForm | None = None, report: ReportForm | None = None, note: NoteForm | None = None, entry: str = ""
) -> str:
    return render_template(
        "officer/payouts.html",
        console=True,
        due=filing.due(),
        form=form or _file_form(),
        report=report or ReportForm(),
        note=note or NoteForm(),
        noted=entry,
        files=filing.files(actor(), request.args.get("cursor")),
        states=FILES,
        queue=importing.queue(request.args.get("queue")),
        verdicts=VERDICTS,
    )
