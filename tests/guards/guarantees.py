"""Covers, claims and repair partners: their forms, and one of each of their things."""

import secrets

from compliance.audit import door
from daigou.aftersales import service as aftersales
from daigou.aftersales.models import ReturnLabel
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order
from daigou.payments.paying.models import Attempt
from daigou.shipping.quoting import items_of
from daigou.warranty import claiming, covering, deciding, offering, partners
from tests import factories
from tests.warehouse import bench

from .form import KEPT, Form

CLAIM, CASE = "/warranty/<ref>", "/support/warranty/<ref>"
PARTNER = {"name": KEPT, "country": "DE", "place": KEPT, "categories": "figures", "currency": "EUR"}


def ref(name):
    return {"ref": f"{name}.ref"}


FORMS = (
    Form(
        "/orders/items/<ref>/cover", "shopper", ref("paid"), {"plan": "cover-12"}, once=True, foreign="stranger",
        again=True,
    ),
    Form(
        "/orders/items/<ref>/defect", "claimant", ref("broken"), {"story": KEPT}, ("photos",), once=True,
        foreign="stranger",
    ),
    Form("/covers/<ref>/cancel", "claimant", ref("paid_cover"), foreign="stranger", again=True),
    Form(
        "/merchant/listings/<ref>/cover", "merchant", ref("listing"), {"plan": "cover-12"}, foreign="rival", again=True
    ),
    Form(f"{CLAIM}/agree", "claimant", ref("refused_claim"), foreign="stranger"),
    Form(f"{CLAIM}/appeal", "claimant", ref("refused_claim"), {"objection": KEPT}, foreign="stranger"),
    Form(f"{CLAIM}/withdraw", "claimant", ref("assigned_claim"), foreign="stranger"),
    Form(f"{CASE}/assign", "support", ref("new_claim"), {"partner": "=workshop_ref"}),
    Form(f"{CASE}/label", "support", ref("assigned_claim"), files=("label",), once=True, again=True),
    Form(f"{CASE}/arrive", "support", ref("assigned_claim")),
    Form(f"{CASE}/cover", "support", ref("arrived_claim"), {"words": KEPT}),
    Form(f"{CASE}/refuse", "support", ref("arrived_claim"), {"words": KEPT}),
    Form(f"{CASE}/uphold", "officer", ref("appealed_claim"), {"words": KEPT}),
    Form(f"{CASE}/dismiss", "officer", ref("appealed_claim"), {"words": KEPT}),
    Form(f"{CASE}/repair", "support", ref("covered_claim"), {"cost": "20"}, once=True),
    Form(f"{CASE}/refund", "support", ref("covered_claim"), once=True),
    Form(f"{CASE}/send-back", "support", ref("repaired_claim"), {"tracking": KEPT}),
    Form("/officer/warranty/partners", "officer", data=PARTNER, once=True, again=True),
    Form("/officer/warranty/partners/<ref>/leave", "officer", ref("workshop"), again=True),
    Form(
        "/officer/warranty/partners/<ref>/pay", "officer", ref("workshop"), {"paid": "20", "reason": KEPT}, once=True
    ),
)  # fmt: skip


def build(w, hold, succeeded, paid_freight):
    w.claimant = factories.account()  # the shopper's tier has no room for more orders
    w.broken = _delivered(w)
    w.new_claim = _claim(w)  # nobody repairs anything yet
    made = partners.Entered("Feinwerkstatt", "DE", "Werkstraße 12", ("figures",), "EUR")
    w.workshop = partners.enter(factories.actor(w.officer), made)
    w.workshop_ref = w.workshop.ref
    w.assigned_claim = _claim(w)
    w.arrived_claim = _claim(w, "arrive")
    w.refused_claim = _claim(w, "arrive", "refuse")
    w.appealed_claim = _claim(w, "arrive", "refuse", "appeal")
    w.covered_claim = _claim(w, "arrive", "cover")
    item = db.session.get(type(w.broken), w.covered_claim.item_id)
    hold(item, item.total)
    succeeded(db.session.get(Order, item.order_id), item)
    w.repaired_claim = _claim(w, "arrive", "cover", "repair")
    w.paid_cover = _paid_cover(w, hold)
    w.labelled = _labelled(w, succeeded, paid_freight)


def _delivered(w):
    item = bench.item("delivered", w.claimant, w.shop)
    with transaction():
        item.delivered_at = clock.now()
    return item


def _claim(w, *moves):
    mine, support = factories.actor(w.claimant), factories.actor(w.support)
    claim = claiming.report(mine, _delivered(w).ref, claiming.Report("It is broken."))
    for move in moves:
        if move == "appeal":
            claiming.appeal(mine, claim.ref, "It was not me.")
        elif move == "repair":
            deciding.repair(support, claim.ref, Money(2_000, "EUR"))
        else:
            getattr(deciding, move)(support, claim.ref, *([] if move == "arrive" else ["Seen."]))
    return claim


def _paid_cover(w, hold):
    item = bench.item("purchased", w.claimant, w.shop)
    bill = offering.buy(factories.actor(w.claimant), item.ref, "cover-12")
    attempt = Attempt(
        bill_id=bill.id, bill_ref=bill.ref, account_id=bill.account_id, subject=bill.subject, order_ref=bill.about_ref,
        locale="en", currency=bill.currency, amount_minor=bill.total_minor, expires_at=clock.now(),
        payment_intent_id=f"pi_{secrets.token_hex(8)}",
    )  # fmt: skip
    with transaction():
        door.created(system("test"), attempt)
        door.transition(system("test"), attempt, "succeed")
        orders.settle_bill(system("test"), load_locked(Bill, id=bill.id))
    covering.paid(bill.id)
    cover = offering.live_cover(item)
    hold(cover, cover.price)
    return cover


def _labelled(w, succeeded, paid_freight):
    """A return that is upheld, on its way back on a label of ours."""
    item = items_of(w.came)[0]
    succeeded(db.session.get(Order, item.order_id), item)
    paid_freight(w.came)
    case = aftersales.open_return(factories.actor(w.shopper), item.ref, aftersales.ReturnRequest("damaged", "Look."))
    aftersales.approve(factories.actor(w.support), case.ref, "Yes.")
    with transaction():
        label = load_locked(ReturnLabel, case_id=case.id)
        label.insured_minor = item.goods_minor
        door.transition(system("test"), label, "buy")
    return case
