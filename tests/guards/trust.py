"""Suspicions, conversations and reviews: their forms, and one of each of their things."""

from compliance.audit import door, proposals
from daigou.accounts.models import Account
from daigou.announcing import service as announcing
from daigou.casework.suspicions import service as suspicions
from daigou.catalog import service as catalog
from daigou.conversations import service as conversations
from daigou.core import clock, ids
from daigou.core.db import db, find, load_locked, transaction
from daigou.orders.models import OrderItem
from daigou.payments.paying.watching import judging
from daigou.reputation import service as reputation
from daigou.risk import service as risk
from daigou.risk.habits.models import PaymentCheck
from daigou.risk.habits.scoring import Score, Sign
from daigou.risk.habits.thresholds import HOLD
from daigou.risk.learning import service as learning
from tests import factories
from tests.warehouse import bench

from .form import KEPT, Form


def ref(name):
    return {"ref": f"{name}.ref"}


SAID = {"body": KEPT}
THRESHOLD = {"name": "hold", "points": "70", "valid_from": "2099-01-01", "source": KEPT, "reason": KEPT}
GROUNDS = "Nine payments within a day, each a little under the limit, and all of it was sent back. " * 2
SUSPECTED = {"about": "=whose_order", "case_ref": "", "country": "DE", "kind": "fraud", "registration": KEPT}
SUSPECTED |= {"grounds": KEPT + GROUNDS}
ASKED = {"topic": "parcel", "order_ref": "=order_ref"}

FORMS = (
    Form("/messages/<ref>", "shopper", ref("talk"), SAID, ("photos",), once=True, foreign="stranger", again=True),
    Form("/messages/<ref>/step-in", "shopper", ref("talk"), foreign="stranger"),
    Form("/messages/<ref>/close", "shopper", ref("talk"), foreign="stranger"),
    Form("/help/ask", "shopper", data=SAID | ASKED, files=("photos",), once=True, again=True),
    Form("/items/<ref>/question", "shopper", ref("listing"), SAID, ("photos",), once=True, again=True),
    Form(
        "/orders/items/<ref>/message", "shopper", ref("paid"), SAID, ("photos",), once=True, foreign="stranger",
        again=True,
    ),
    Form(
        "/orders/items/<ref>/review", "reviewer", ref("done_item"),
        {"goods": "5", "described": "5", "communication": "4", "dispatch": "4", "words": KEPT}, once=True,
        foreign="stranger",
    ),
    Form("/merchant/reviews/<ref>/reply", "merchant", ref("review"), {"reply": KEPT}, foreign="rival"),
    Form("/merchant/reviews/<ref>/report", "merchant", ref("review"), {"reason": "false"}, foreign="rival"),
    Form(
        "/officer/announcements", "officer", once=True, again=True,
        data={"kind": "tip", "title": KEPT, "body": KEPT, "title_zh": "", "body_zh": ""},
    ),
    Form("/officer/announcements/<ref>/take-down", "officer", ref("announcement")),
    Form("/officer/risks/<ref>/clear", "officer", ref("suspicion"), {"reason": KEPT}),
    Form("/officer/risks/<ref>/uphold", "officer", ref("suspicion"), {"reason": KEPT}),
    Form("/bills/<ref>/explain", "reviewer", ref("held_bill"), {"story": KEPT}, foreign="stranger", again=True),
    Form("/officer/habits", "officer", data=THRESHOLD, once=True),
    Form("/officer/suspicions", "officer", data=SUSPECTED, once=True, again=True),
    Form("/officer/suspicions/<ref>/drop", "officer", ref("report"), {"drop-reason": KEPT}),
    Form("/officer/suspicions/<ref>/file", "officer", ref("agreed_report"), again=True),
    Form(
        "/officer/suspicions/<ref>/filed", "officer", ref("agreed_report"),
        {"reference": "DE-1", "filed_on": "=today"},
    ),
    Form("/officer/suspicions/<ref>/propose", "officer", ref("report"), {"propose-reason": KEPT}),
    Form("/officer/habits/models/<ref>/use", "officer", ref("model"), {"reason": KEPT}, once=True),
)


def build(w):
    text = {"en": {"title": "A case", "body": "To learn from."}}
    w.announcement = announcing.post(factories.actor(w.officer), "security", text)
    w.reviewer = factories.account()  # the shopper's tier has no room for more orders
    w.done_item, reviewed = (_done(w) for _ in range(2))
    w.review = reputation.review(factories.actor(w.reviewer), reviewed.ref, reputation.Opinion(5, 5, 4, 4, "Good."))
    w.talk = conversations.about_listing(factories.actor(w.shopper), w.listing.ref, conversations.Words("Sealed?"))
    with transaction():
        about = risk.About("message", ids.new_id(), "CNV-WORLD", w.shop.id, w.shop.ref)
        w.suspicion = risk.open_case(about, [{"code": "lure", "word": "wechat"}])
    w.held_bill = held_bill(w.reviewer, w.shop)
    w.report, w.agreed_report = (_report(w) for _ in range(2))
    wanted = suspicions.propose(factories.actor(w.officer), w.agreed_report.ref, "Nine payments, no sense.")
    proposals.approve(factories.actor(w.colleague), wanted.ref)
    signs = [{"code": "amount", "points": 40}]
    w.model = learning.train([learning.example(clock.now(), signs if n < 20 else [], n < 20) for n in range(80)])


def _report(w):
    about = suspicions.Draft(w.shopper.subject, "", "DE", "fraud", GROUNDS, "4711")
    return suspicions.draft(factories.actor(w.officer), about)


def held_bill(shopper, shop):
    """A bill whose payment a person looks at."""
    bill = factories.bill_of(factories.order(shopper, factories.listing(shop)))
    judging.hold(bill.id, judging.Judgement(Score(70, (Sign("amount", 40, "9"),)), HOLD))
    return bill


def _done(w):
    """An item whose trade is over."""
    item = bench.item("delivered", w.reviewer, w.shop)
    with transaction():
        door.transition(bench.anybody(w.reviewer, w.shop), load_locked(OrderItem, id=item.id), "complete")
    return item


def decided_listing(w):
    """A case of a listing that was held back, and in which an officer found nothing."""
    listing = factories.listing(w.shop_row, published=False, description="A replica")
    owner = db.session.get(Account, w.merchant.id)
    catalog.publish(factories.actor(owner), listing.ref)
    return _cleared(listing.id)


def decided_review(w):
    """A case of a review that its shop reported, and in which an officer found nothing."""
    owner = db.session.get(Account, w.merchant.id)
    return _cleared(reputation.report(factories.actor(owner), w.review.ref, "false").id)


def decided_payment(w):
    """A case of an unusual payment in which an officer found nothing."""
    bill = held_bill(factories.account(), w.shop_row)
    return _cleared(find(PaymentCheck, bill_id=bill.id).id)


def _cleared(about_id):
    case = risk.latest(about_id)
    risk.clear(factories.actor(factories.account("officer")), case.ref, "Nothing.")
    return case.id
