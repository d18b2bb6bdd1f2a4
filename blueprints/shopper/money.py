"""Where an order's money is, step by step."""

from __future__ import annotations

from types import SimpleNamespace

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.core.i18n import _, format_money, lazy
from daigou.methods import words as way_words
from daigou.orders import reading
from daigou.payments import whereabouts
from daigou.payments.whereabouts import Step

from . import bp

# step: (stamp, words, seal)
WORDS = {
    "paid": ("held", lazy("You paid, and it is held"), "held"),
    "refunding": ("refunded", lazy("Goes back to you"), ""),
    "refund_failed": ("failed", lazy("The way back failed: it is held again, and a person looks at it"), "held"),
    "refunded": ("refunded", lazy("Left us for your bank or balance"), ""),
    "released": ("released", lazy("Released to the merchant, our fee included"), "released"),
}


@bp.get("/orders/<ref>/money")
@guarded("order.view_money")
def order_money(ref: str) -> ResponseReturnValue:
    order = reading.own(actor(), ref)
    money = whereabouts.of_order(order, whereabouts.items_of(order.id))
    events = [_event(step) for step in money.steps]
    return render_template("shopper/money.html", order=order, money=money, events=events)


def _event(step: Step) -> SimpleNamespace:
    stamp, words, seal = WORDS[step.kind]
    label = _("%(amount)s: %(what)s", amount=format_money(step.amount), what=words)
    how = way_words.NAMES.get(step.method or "", step.method or "")
    return SimpleNamespace(
        kind=stamp, label=label, at=step.at, place="", who=step.item or str(how), seal=seal, state="done"
    )
