"""Who works for the merchant: invited, changed and removed by the owner; and the invited person's own answer."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from daigou.accounts import members as service
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

RIGHTS = {
    "lister": lazy("Listings and quotes: offer items and answer requests"),
    "seller": lazy("Sales: buy what was ordered and send it to the warehouse"),
}


class Rights(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MemberForm(FlaskForm):
    rights = Rights(lazy("What they may do"), choices=fields.options(RIGHTS.items()))


class InviteForm(MemberForm):
    email = fields.Email(lazy("E-mail address"))


@bp.get("/members")
@guarded("member.manage")
def members() -> str:
    return _page(InviteForm(formdata=None))


@bp.post("/members")
@guarded("member.manage")
@stepped_up
def invite_member() -> ResponseReturnValue:
    form = InviteForm()
    if form.validate_on_submit():
        try:
            return once(lambda: _invite(form))
        except Refusal as refusal:
            fail(form, refusal)
    return _page(form), 422


@bp.post("/members/<subject>/rights")
@guarded("member.manage")
@stepped_up
def change_member(subject: str) -> ResponseReturnValue:
    service.change(actor(), subject, request.form.getlist("rights"))
    flash(_("Their rights are changed, from their next page on."), "success")
    return redirect(url_for("merchant.members"), 303)


@bp.post("/members/<subject>/remove")
@guarded("member.manage")
@stepped_up
def remove_member(subject: str) -> ResponseReturnValue:
    service.remove(actor(), subject)
    flash(_("They don’t work for you any more, and are signed out."), "success")
    return redirect(url_for("merchant.members"), 303)


@bp.post("/invitations/<ref>/withdraw")
@guarded("member.manage")
def withdraw_invitation(ref: str) -> ResponseReturnValue:
    service.withdraw(actor(), ref)
    flash(_("The invitation is withdrawn."), "success")
    return redirect(url_for("merchant.members"), 303)


def _invite(form: InviteForm) -> str:
    service.invite(actor(), form.email.data, form.rights.data or [], str(get_locale() or "en"))
    flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "success")
    return url_for("merchant.members")


def _page(form: InviteForm) -> str:
    return render_template(
        "merchant/members.html",
        form=form,
        people=service.everybody(actor()),
        invited=service.invited(actor()),
        rights=RIGHTS,
        console=True,
    )
