"""What covers an item, more cover for it, and its defects."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import RadioField

from blueprints import warranty as ways
from blueprints.fields import Passage, needed, options
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.core import clock
from daigou.core.errors import Impossible, Refusal
from daigou.core.i18n import _, format_money, lazy, ngettext
from daigou.core.money import Money
from daigou.orders.models import OrderItem
from daigou.warranty import certificate, claiming, covering, offering, premiums, words

from . import bp


class DefectForm(FlaskForm):
    story = Passage(lazy("What is broken, and when you noticed it"), 2000, required=True)
    photos = MultipleFileField(lazy("Photos"), render_kw={"accept": "image/*", "multiple": True})

    def report(self) -> claiming.Report:
        photos = [file for file in self.photos.data or () if getattr(file, "filename", "")]
        return claiming.Report(self.story.data or "", photos)


class PlanForm(FlaskForm):
    """What is sold may have changed since the page was made: the room says so, in words."""

    plan = RadioField(lazy("How long"), [needed()], validate_choice=False)


class ObjectionForm(FlaskForm):
    objection = Passage(lazy("Why you think that it is covered"), 2000, required=True)


@bp.get("/orders/items/<ref>/warranty")
@guarded("warranty.report")
def item_warranty(ref: str) -> ResponseReturnValue:
    return _item_page(claiming.item_of(actor(), ref))


@bp.post("/orders/items/<ref>/cover")
@guarded("cover.buy")
def buy_cover(ref: str) -> ResponseReturnValue:
    item, form = claiming.item_of(actor(), ref), PlanForm()
    form.plan.choices = []
    try:
        if form.validate():
            return once(lambda: url_for("shopper.bill", ref=offering.buy(actor(), ref, form.plan.data).ref))
    except Refusal as refusal:
        fail(form, refusal)
        return _item_page(item, plan=form), refusal.status
    return _item_page(item, plan=form), 422


@bp.post("/orders/items/<ref>/defect")
@guarded("warranty.report")
def report_defect(ref: str) -> ResponseReturnValue:
    item, form = claiming.item_of(actor(), ref), DefectForm()
    try:
        if form.validate():
            return once(lambda: _claim_url(claiming.report(actor(), ref, form.report()).ref))
    except Refusal as refusal:
        fail(form, refusal)
        return _item_page(item, defect=form), refusal.status
    return _item_page(item, defect=form), 422


@bp.get("/warranty/<ref>")
@guarded("warranty.view")
def warranty_claim(ref: str) -> ResponseReturnValue:
    return _claim_page(ref, ObjectionForm(formdata=None))


@bp.post("/warranty/<ref>/appeal")
@guarded("warranty.report")
def appeal_claim(ref: str) -> ResponseReturnValue:
    form = ObjectionForm()
    if not form.validate():
        return _claim_page(ref, form), 422
    claiming.appeal(actor(), ref, form.objection.data or "")
    flash(_("An officer takes a second look and tells you what came of it."), "success")
    return redirect(_claim_url(ref), 303)


@bp.post("/warranty/<ref>/agree")
@guarded("warranty.report")
def agree_claim(ref: str) -> ResponseReturnValue:
    claiming.agree(actor(), ref)
    flash(_("The item comes back to you at our cost."), "info")
    return redirect(_claim_url(ref), 303)


@bp.post("/warranty/<ref>/withdraw")
@guarded("warranty.report")
def withdraw_claim(ref: str) -> ResponseReturnValue:
    claiming.withdraw(actor(), ref)
    flash(_("The claim is withdrawn."), "info")
    return redirect(_claim_url(ref), 303)


@bp.get("/covers")
@guarded("order.place")
def covers() -> str:
    page = covering.mine(actor(), request.args.get("cursor"))
    return render_template("shopper/covers.html", page=page, words=words)


@bp.get("/covers/<ref>")
@guarded("cover.view")
def cover(ref: str) -> str:
    found = covering.view(actor(), ref)
    return render_template(
        "shopper/cover.html",
        cover=found,
        words=words,
        bill=offering.unpaid_bill(found),
        certified=certificate.is_certified(found),
        obstacle=premiums.obstacle(found),
        back=premiums.back(found),
        scope=certificate.scope(found),
        promise=certificate.promise(),
    )


@bp.get("/covers/<ref>.pdf")
@guarded("cover.view")
def cover_certificate(ref: str) -> ResponseReturnValue:
    response = Response(certificate.pdf(actor(), ref), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{ref}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/covers/<ref>/cancel")
@guarded("cover.cancel")
def cancel_cover(ref: str) -> ResponseReturnValue:
    try:
        found = premiums.cancel(actor(), ref)
        back = format_money(Money(found.given_back_minor, found.currency))
        flash(_("Cancelled. %(amount)s goes back the way you paid.", amount=back), "success")
    except Impossible as refusal:
        flash(str(refusal.message), "error")
    return redirect(url_for("shopper.cover", ref=ref), 303)


def _claim_url(ref: str) -> str:
    return url_for("shopper.warranty_claim", ref=ref)


def _plans(offers: Any) -> Any:
    return options((o.plan.code, ngettext("%(num)d month", "%(num)d months", o.plan.months)) for o in offers)


def _item_page(item: OrderItem, defect: DefectForm | None = None, plan: PlanForm | None = None) -> str:
    offers = offering.offers_of(item)
    plan = plan or PlanForm(formdata=None)
    plan.plan.choices = _plans(offers)
    return render_template(
        "shopper/item_warranty.html",
        item=item,
        unpaid=offering.unpaid_bill,
        covers=covering.of_items([item.id]).get(item.id, []),
        included=offering.included_offer(item),
        claims=claiming.of_item(item),
        may_report=claiming.may_report(item, clock.today()),
        offers=offers,
        plan=plan,
        defect=defect or DefectForm(formdata=None),
        words=words,
    )


def _claim_page(ref: str, form: ObjectionForm) -> str:
    claim = claiming.view(actor(), ref)
    return render_template(
        "shopper/warranty_claim.html",
        claim=claim,
        panel=ways.panel(claim),
        steps_of=ways.steps(claim),
        cover=claiming.cover_of(claim),
        partner=claiming.partner_of(claim),
        photos=claiming.photos_of(claim),
        label=claiming.label_of(claim),
        form=form,
        words=words,
    )
