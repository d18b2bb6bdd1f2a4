"""Circles: their forms, and one of each of their things."""

from datetime import timedelta

from daigou.accounts.models import Account
from daigou.circles import moderating
from daigou.circles import service as circles
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.orders.models import OrderItem
from daigou.risk import service as risk
from tests import factories

from .form import KEPT, Form


def ref(name):
    return {"ref": f"{name}.ref"}


WORDS = {"words": KEPT}
KEPT_CIRCLE = {"category": "figures", "brand": "Hoshino", "name": KEPT, "about": KEPT, "name_zh": "", "about_zh": ""}
CIRCLE, THREAD, POST = "/circles/<ref>", "/circles/threads/<ref>", "/circles/posts/<ref>"

FORMS = (
    Form(f"{CIRCLE}/join", "stranger", ref("circle"), {"alias": "Guard rabbit"}, again=True),
    Form(f"{CIRCLE}/leave", "shopper", ref("circle")),
    Form(f"{CIRCLE}/notices", "shopper", ref("circle"), again=True),
    Form(f"{CIRCLE}/new", "shopper", ref("circle"), WORDS | {"title": KEPT}, ("photos",), once=True, again=True),
    Form(
        f"{CIRCLE}/check", "shopper", ref("circle"), WORDS | {"title": KEPT, "listing_ref": "=listing_ref"},
        ("photos",), once=True, again=True,
    ),
    Form(f"{THREAD}/answer", "shopper", ref("check"), WORDS, ("photos",), once=True, again=True),
    Form(f"{THREAD}/verdict", "reviewer", ref("check"), WORDS | {"verdict": "genuine"}, ("photos",), once=True),
    Form(f"{POST}/report", "stranger", ref("check"), {"reason": "abuse", "explanation": KEPT}),
    Form(f"{POST}/withdraw", "shopper", ref("own_post"), foreign="stranger"),
    Form(f"{POST}/contest", "reviewer", ref("wrong_post"), foreign="stranger"),
    Form("/officer/circles", "officer", data=KEPT_CIRCLE, once=True, again=True),
    Form("/officer/circles/<ref>", "officer", ref("circle"), KEPT_CIRCLE, again=True),
    Form("/officer/circles/<ref>/close", "officer", ref("circle")),
    Form("/officer/circles/<ref>/reopen", "officer", ref("closed_circle")),
    Form("/officer/circles/posts/<ref>/exclude", "officer", ref("wrong_post"), {"reason": KEPT}),
    Form("/officer/circles/posts/<ref>/readmit", "officer", ref("banned_post")),
)  # fmt: skip


def build(w):
    """After the trades of ``trust``: whose reviewer has kept enough to judge."""
    officer = factories.actor(w.officer)
    texts = {"en": {"name": "Figures", "about": "For those who collect them."}}
    w.circle, w.closed_circle = (circles.make(officer, circles.Plan("figures", "Hoshino", texts)) for _ in range(2))
    circles.close(officer, w.closed_circle.ref)
    for who, alias in ((w.shopper, "Moon rabbit"), (w.reviewer, "Tea bowl"), (w.invitee, "Loud one")):
        circles.join(factories.actor(who), w.circle.ref, alias)
    draft = circles.Draft("The seam?", title="Is it genuine?")
    w.check = circles.ask_peers(factories.actor(w.invitee), w.circle.ref, w.listing.ref, draft)
    w.own_post = circles.answer(factories.actor(w.shopper), w.check.ref, circles.Draft("It is."))
    w.wrong_post = _found_wrong(w, w.reviewer)
    w.banned_post = _found_wrong(w, w.invitee)
    circles.exclude(officer, w.banned_post.ref, "Twice.")
    _have_kept(w, w.reviewer)


def _have_kept(w, who):
    """All that they bought, of the circle's brand, and long enough ago."""
    rows = db.session.query(OrderItem).filter_by(account_id=who.id, state="completed").all()
    with transaction():
        for row in rows:
            row.listing_id = w.listing.id
            row.state_since = clock.now() - timedelta(days=20)


def _found_wrong(w, who):
    row = circles.answer(factories.actor(who), w.check.ref, circles.Draft("Add me on WeChat"))
    case = risk.uphold(factories.actor(w.officer), risk.latest(row.id).ref, "A lure.")
    moderating.follow(case.id)
    return row


def decided_post(w):
    """A case of a post that somebody reported, and that an officer found wrong; not followed yet."""
    colleague = db.session.get(Account, w.colleague.id)
    row = circles.report(factories.actor(colleague), w.own_post.ref, "abuse", "It insults.")
    case = risk.latest(row.id)
    risk.uphold(factories.actor(factories.account("officer")), case.ref, "It does.")
    return case.id
