"""Suspicions, conversations and reviews: their forms, and one of each of their things."""

from daigou.core import ids
from daigou.core.db import transaction
from daigou.risk import service as risk

from .form import KEPT, Form


def ref(name):
    return {"ref": f"{name}.ref"}


FORMS = (
    Form("/officer/risks/<ref>/clear", "officer", ref("suspicion"), {"reason": KEPT}),
    Form("/officer/risks/<ref>/uphold", "officer", ref("suspicion"), {"reason": KEPT}),
)


def build(w):
    with transaction():
        about = risk.About("message", ids.new_id(), "CNV-WORLD", w.shop.id, w.shop.ref)
        w.suspicion = risk.open_case(about, [{"code": "lure", "word": "wechat"}])
