"""A payment that a person looks at first: what its shopper reads, and may say."""

from __future__ import annotations

from types import SimpleNamespace

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from daigou.core.errors import Impossible
from daigou.core.i18n import _, format_moment, lazy
from daigou.orders.models import Bill
from daigou.payments.paying import reading
from daigou.payments.paying.watching import deciding
from daigou.risk.rules import DECIDE_WITHIN

from . import bp, paying


class StoryForm(FlaskForm):
    story = Passage(lazy("What we should know about this payment"), 1000, required=True)


@bp.post("/bills/<ref>/explain")
@guarded("bill.pay")
def explain_payment(ref: str) -> ResponseReturnValue:
    form = StoryForm()
    bill = reading.bill_for(actor(), ref)
    if not form.validate():
        return paying.page(bill, form), 422
    try:
        deciding.explain(actor(), ref, form.story.data)
    except Impossible as refusal:
        fail(form, refusal)
        return paying.page(bill, form), refusal.status
    flash(_("Thank you. The person who decides reads it."), "success")
    return redirect(url_for("shopper.bill", ref=ref), 303)


def panel(bill: Bill, form: StoryForm | None = None) -> SimpleNamespace | None:
    """The next step of a bill that waits for a person, or that one has stopped; None when it can be paid."""
    check = deciding.of_bill(bill)
    if check is None:
        return None
    refused = check.is_("refused")
    return SimpleNamespace(
        title=_("We have stopped this payment") if refused else _("A person looks at this payment first"),
        text=_refused(deciding.ruling_of(check)) if refused else _HELD,
        who=_("You") if refused and not check.contested_at else _("Our team"),
        by="" if refused else format_moment(check.state_since + DECIDE_WITHIN),
        money=_("With you: nothing was charged"),
        held=False,
        refused=refused,
        said=check.story if isinstance(check.story, str) else "",
        may_say=not refused or check.contested_at is None,
        form=form or StoryForm(formdata=None),
    )


_HELD = lazy(
    "It is unlike those that you usually make: a program has noticed it, and a person decides. You need not do "
    "anything; what you tell us here helps them."
)


def _refused(ruling: str) -> str:
    return _("A person has looked at it and decided: %(ruling)s", ruling=ruling)
