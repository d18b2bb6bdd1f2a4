"""Where an order's money is, step by step."""

from __future__ import annotations

from types import SimpleNamespace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.core.i18n import _, format_money, lazy
from daigou.methods import words as way_words
from daigou.orders import reading
from daigou.payments.escrow import whereabouts
from daigou.payments.escrow.whereabouts import Step
from daigou.payments.paying import balance as lying
from daigou.payments.paying import wallet
from daigou.shipping import service as shipping

from . import bp

# step: (stamp, words, seal)
WORDS = {
    "paid": ("held", lazy("You paid, and it is held"), "held"),
    "refunding": ("refunded", lazy("Goes back to you"), ""),
    "refund_failed": ("failed", lazy("The way back failed: it is held again, and a person looks at it"), "held"),
    "refunded": ("refunded", lazy("Left us for your bank or balance"), ""),
    "released": ("released", lazy("Released to the merchant, our fee included"), "released"),
}
BALANCE = {
    "wallet_reserved": lazy("Set aside for a payment"),
    "wallet_let_go": lazy("Given back: the payment did not come about"),
    "refunded": lazy("Refund"),
}
SETTLED = lazy("Passed on to the carrier, the insurer and the customs authority")


@bp.get("/orders/<ref>/money")
@guarded("order.view_money")
def order_money(ref: str) -> ResponseReturnValue:
    order = reading.own(actor(), ref)
    money = whereabouts.of_order(order, whereabouts.items_of(order.id))
    events = [_event(step) for step in money.steps]
    place = {"ref": order.ref, "url": url_for("shopper.order", ref=order.ref), "label": _("Order")}
    return render_template("shopper/money.html", place=place, money=money, events=events, released=WORDS["released"][1])


@bp.get("/parcels/<ref>/money")
@guarded("parcel.edit")
def parcel_money(ref: str) -> ResponseReturnValue:
    parcel = shipping.view(actor(), ref)
    money = whereabouts.of_parcel(parcel.id, parcel.currency)
    events = [_event(step, SETTLED) for step in money.steps]
    place = {"ref": parcel.ref, "url": url_for("shopper.parcel", ref=parcel.ref), "label": _("Parcel")}
    return render_template("shopper/money.html", place=place, money=money, events=events, released=SETTLED)


@bp.get("/account/balance")
@guarded("order.place")
def balance() -> ResponseReturnValue:
    page, known = lying.history(actor(), request.args.get("cursor"))
    return render_template(
        "shopper/balance.html", on=wallet.is_on(), balances=lying.of(actor()), page=page, known=known, words=BALANCE
    )


def _event(step: Step, released: object = None) -> SimpleNamespace:
    stamp, words, seal = WORDS[step.kind]
    if released and step.kind == "released":
        words = released
    label = _("%(amount)s: %(what)s", amount=format_money(step.amount), what=words)
    how = way_words.NAMES.get(step.method or "", step.method or "")
    return SimpleNamespace(
        kind=stamp, label=label, at=step.at, place="", who=step.item or str(how), seal=seal, state="done"
    )
