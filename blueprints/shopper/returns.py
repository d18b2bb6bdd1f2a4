"""A shopper sends an item back, or does not want it in the first place."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from blueprints import returns as words
from blueprints.fields import Passage, needed
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.aftersales import labels, owing, service
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.payments.paying import wallet

from . import bp


class ReturnForm(FlaskForm):
    reason = RadioField(lazy("Why"), [needed()], choices=[SelectChoice(*row) for row in words.REASONS.items()])
    story = Passage(lazy("What is wrong with it"), 2000, required=True)
    unopened = BooleanField(lazy("It is still sealed, as it came"))
    to_balance = BooleanField(lazy("Put the money on my balance here"))
    photos = MultipleFileField(lazy("Photos"), render_kw={"accept": "image/*", "multiple": True})

    def request(self) -> service.ReturnRequest:
        photos = [file for file in self.photos.data or () if getattr(file, "filename", "")]
        return service.ReturnRequest(
            self.reason.data, self.story.data or "", photos, bool(self.to_balance.data), bool(self.unopened.data)
        )


@bp.get("/orders/items/<ref>/return")
@guarded("return.open")
def return_item(ref: str) -> ResponseReturnValue:
    item = service.item_for_return(actor(), ref)
    case = service.find_open(item.id)
    if case is not None:
        return redirect(url_for("shopper.return_case", ref=case.ref))
    try:
        service.refuse_unreturnable(item)
    except Impossible as refusal:
        return _form(item, ReturnForm(formdata=None), refusal.message), refusal.status
    return _form(item, ReturnForm(formdata=None))


@bp.post("/orders/items/<ref>/return")
@guarded("return.open")
def open_return(ref: str) -> ResponseReturnValue:
    form = ReturnForm()
    item = service.item_for_return(actor(), ref)
    if not form.validate():
        return _form(item, form), 422
    try:
        return once(lambda: _case_url(service.open_return(actor(), ref, form.request()).ref))
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _form(item, form), refusal.status


@bp.get("/returns/<ref>")
@guarded("return.view")
def return_case(ref: str) -> ResponseReturnValue:
    case, item = service.view(actor(), ref)
    return render_template(
        "shopper/return_case.html",
        case=case,
        item=item,
        panel=words.panel(case),
        steps_of=words.steps(case),
        reason=words.REASONS[case.reason],
        photos=service.photos_of(case),
        send_to=service.send_to(case),
        label=labels.of_case(case) if case.is_("approved") else None,
        label_file=labels.file_of(case) if case.is_("approved") else None,
    )


@bp.post("/returns/<ref>/withdraw")
@guarded("return.withdraw")
def withdraw_return(ref: str) -> ResponseReturnValue:
    case = service.withdraw(actor(), ref)
    flash(_("The return is withdrawn. The item is where it was."), "info")
    return redirect(_case_url(case.ref), 303)


def _case_url(ref: str) -> str:
    return url_for("shopper.return_case", ref=ref)


def _form(item: Any, form: ReturnForm, obstacle: object = None) -> str:
    return render_template(
        "shopper/return_form.html",
        item=item,
        form=form,
        obstacle=obstacle,
        due=owing.due(item),
        balance=wallet.is_on(),
        exempt=service.exemption_of(item),
        exempt_words=words.EXEMPT,
    )
