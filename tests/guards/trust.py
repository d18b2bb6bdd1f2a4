"""Suspicions, conversations and reviews: their forms, and one of each of their things."""

from daigou.conversations import service as conversations
from daigou.core import ids
from daigou.core.db import transaction
from daigou.risk import service as risk
from tests import factories

from .form import KEPT, Form


def ref(name):
    return {"ref": f"{name}.ref"}


SAID = {"body": KEPT}
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
    Form("/officer/risks/<ref>/clear", "officer", ref("suspicion"), {"reason": KEPT}),
    Form("/officer/risks/<ref>/uphold", "officer", ref("suspicion"), {"reason": KEPT}),
)


def build(w):
    w.talk = conversations.about_listing(factories.actor(w.shopper), w.listing.ref, conversations.Words("Sealed?"))
    with transaction():
        about = risk.About("message", ids.new_id(), "CNV-WORLD", w.shop.id, w.shop.ref)
        w.suspicion = risk.open_case(about, [{"code": "lure", "word": "wechat"}])
