"""A shopper writes to a merchant before buying; either writes to the other about something bought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.account.messages import MessageForm
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.catalog import service as catalog
from daigou.conversations import service
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _
from daigou.orders import reading

from . import bp


@bp.get("/items/<ref>/question")
@guarded("conversation.open")
def question(ref: str) -> str:
    return _about_listing(ref, MessageForm(formdata=None))


@bp.post("/items/<ref>/question")
@guarded("conversation.open")
def ask_merchant(ref: str) -> ResponseReturnValue:
    return _said(MessageForm(), lambda form: _about_listing(ref, form), service.about_listing, ref)


@bp.get("/orders/items/<ref>/message")
@guarded("conversation.open")
def item_message(ref: str) -> str:
    return _about_item(ref, MessageForm(formdata=None))


@bp.post("/orders/items/<ref>/message")
@guarded("conversation.open")
def write_about_item(ref: str) -> ResponseReturnValue:
    return _said(MessageForm(), lambda form: _about_item(ref, form), service.about_item, ref)


def _said(form: MessageForm, page: Callable[[MessageForm], str], say: Any, ref: str) -> ResponseReturnValue:
    if not form.validate():
        return page(form), 422
    try:
        return once(lambda: url_for("account.conversation", ref=say(actor(), ref, form.words()).ref))
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return page(form), refusal.status


def _about_listing(ref: str, form: MessageForm) -> str:
    listing, merchant = catalog.item(ref)
    back = url_for("public.item", ref=ref)
    return render_template("shopper/question.html", form=form, title=listing.title, to=merchant.name, back=back)


def _about_item(ref: str, form: MessageForm) -> str:
    item, merchant = reading.item_with_merchant(actor(), ref)
    mine = item.account_id == actor().account_id
    back = url_for("shopper.order", ref=item.order_ref) if mine else url_for("merchant.order_item", ref=ref)
    to = merchant.name if mine else _("the shopper")
    return render_template("shopper/question.html", form=form, title=item.title, to=to, back=back)
