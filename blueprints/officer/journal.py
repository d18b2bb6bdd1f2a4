"""Every entry of the books, and entries by hand: proposed here, posted when a second officer agrees."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import FieldList, FormField
from wtforms import Form as Part

from blueprints.fields import Line, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import key_of, shown_on
from compliance.audit import proposals
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy
from daigou.core.money import BadAmount, Money
from daigou.ledger import correcting
from daigou.ledger.rules import KINDS
from daigou.ledger.rules import Line as Booked

from . import bp

ROWS = 6


class RowForm(Part):
    """One line of an entry; an empty account is no line."""

    account = Line(lazy("Account"), 120)
    debit = Line(lazy("Debit"), 24, render_kw={"inputmode": "decimal"})
    credit = Line(lazy("Credit"), 24, render_kw={"inputmode": "decimal"})


class EntryForm(FlaskForm):
    rows = FieldList(FormField(RowForm), min_entries=ROWS, max_entries=ROWS)
    reason = Passage(lazy("Why"), proposals.LONGEST, required=True)

    def booked(self) -> list[Booked]:
        """Raises Invalid for an account that there is not, or a row with both sides."""
        return [_line(row.form) for row in self.rows if row.form.account.data]


def _line(row: RowForm) -> Booked:
    book = correcting.book_of(row.account.data or "")
    debit, credit = (_minor(side.data, book.currency) for side in (row.debit, row.credit))
    if bool(debit) == bool(credit):
        raise Invalid({"lines": lazy("Each line has a debit or a credit.")})
    return Booked(book, debit - credit)


def _minor(text: str | None, currency: str) -> int:
    try:
        return Money.parse(text, currency).minor if text else 0
    except BadAmount as bad:
        words = lazy("“%(typed)s” is not an amount in %(currency)s.", typed=text, currency=currency)
        raise Invalid({"lines": words}) from bad


@bp.get("/journal")
@guarded("books.view")
def journal() -> str:
    about = request.args.get("about", "")[:120]
    page = correcting.journal(request.args.get("cursor"), about)
    return render_template("officer/journal.html", console=True, page=page, about=about)


@bp.get("/journal/new")
@guarded("ledger.correct")
def new_entry() -> str:
    return _page(EntryForm(formdata=None), None)


@bp.post("/journal/new")
@guarded("ledger.correct")
def propose_entry() -> ResponseReturnValue:
    return _propose(None)


@bp.get("/journal/<key>")
@guarded("books.view")
def entry(key: str) -> str:
    return _page(EntryForm(formdata=None), key_of(key))


@bp.post("/journal/<key>/correct")
@guarded("ledger.correct")
def correct_entry(key: str) -> ResponseReturnValue:
    return _propose(key_of(key))


def _propose(key: UUID | None) -> ResponseReturnValue:
    form = EntryForm()
    if key is not None:
        correcting.entry(key)  # NotFound for a number that never was
    with shown_on(form) as shown:
        if form.validate():
            return once(lambda: _sent(correcting.propose(actor(), form.booked(), form.reason.data or "", key).ref))
    return _page(form, key), shown.status


def _sent(ref: str) -> str:
    flash(lazy("Proposed. It is posted when a second officer agrees."), "success")
    return url_for("officer.proposal", ref=ref)


def _page(form: EntryForm, key: UUID | None) -> str:
    found = correcting.entry(key) if key else None
    return render_template("officer/entry.html", console=True, form=form, found=found, kinds=KINDS)
