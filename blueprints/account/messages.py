"""Conversations: one page for shoppers, shops and support, each with its own list."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField

from blueprints.fields import Line, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.accounts.models import Account, Merchant
from daigou.conversations import rules, service
from daigou.conversations.models import Conversation
from daigou.core import clock
from daigou.core.db import db, find
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy

from . import bp

# What is answered at once, before anybody of us has read it: words, and the page that says more (S60).
FIRST_ANSWERS = {
    "order": (lazy("Your order’s page says what happens now, who acts and by when."), "/orders"),
    "payment": (lazy("Where your money is stands on your order’s page, step by step."), "/orders"),
    "parcel": (lazy("Tracking, customs and duty stand on your parcel’s page."), "/parcels"),
    "return": (lazy("You can open a return on your order’s page; the money stays held meanwhile."), "/orders"),
    "account": (lazy("Sessions and second factors are under Security."), "/account/security"),
    "complaint": (lazy("What is covered, and how we decide, is published."), "/protection"),
}  # fmt: skip


class MessageForm(FlaskForm):
    body = Passage(lazy("Your message"), rules.MESSAGE_MOST, required=True)
    photos = MultipleFileField(lazy("Photos"), render_kw={"accept": "image/*", "multiple": True})

    def words(self) -> service.Words:
        photos = [file for file in self.photos.data or () if getattr(file, "filename", "")]
        return service.Words(self.body.data or "", photos)


class HelpForm(MessageForm):
    topic = OneOf(lazy("What is it about?"), rules.TOPIC_WORDS.items())
    order_ref = Line(lazy("Order number"), 20)


@bp.get("/messages")
@guarded("conversation.use")
def conversations() -> str:
    return _page()


@bp.get("/messages/<ref>")
@guarded("conversation.use")
def conversation(ref: str) -> str:
    return _page(service.view(actor(), ref), MessageForm(formdata=None))


@bp.post("/messages/<ref>")
@guarded("conversation.use")
def write_message(ref: str) -> ResponseReturnValue:
    form = MessageForm()
    if not form.validate():
        return _page(service.view(actor(), ref), form), 422
    try:
        return once(lambda: _written(ref, form))
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _page(service.view(actor(), ref), form), refusal.status


@bp.post("/messages/<ref>/step-in")
@guarded("conversation.use")
def step_in(ref: str) -> ResponseReturnValue:
    service.step_in(actor(), ref)
    flash(_("We read this conversation now, and answer within a day."), "success")
    return redirect(_url(ref), 303)


@bp.post("/messages/<ref>/close")
@guarded("conversation.close")
def close_conversation(ref: str) -> ResponseReturnValue:
    service.close(actor(), ref)
    flash(_("Closed. Write again and it is open again."), "success")
    return redirect(url_for("account.conversations"), 303)


@bp.get("/help/ask")
@guarded("conversation.open")
def ask() -> str:
    asked = request.args
    return _help(HelpForm(formdata=None, topic=asked.get("topic"), order_ref=asked.get("order", "")[:20]))


@bp.post("/help/ask")
@guarded("conversation.open")
def ask_for_help() -> ResponseReturnValue:
    form = HelpForm()
    if not form.validate():
        return _help(form), 422
    try:
        return once(lambda: _url(_asked(form).ref))
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _help(form), refusal.status


def _asked(form: HelpForm) -> Conversation:
    return service.ask_for_help(actor(), form.topic.data, form.order_ref.data or "", form.words())


def _written(ref: str, form: MessageForm) -> str:
    service.write(actor(), ref, form.words())
    return _url(ref)


def _url(ref: str) -> str:
    return url_for("account.conversation", ref=ref)


def _help(form: HelpForm) -> str:
    return render_template("account/ask.html", form=form, answers=FIRST_ANSWERS)


def _page(talk: Conversation | None = None, form: MessageForm | None = None) -> str:
    who, cursor = actor(), request.args.get("cursor")
    lists = _lists(talk)
    shown = request.args.get("in", "") if request.args.get("in", "") in lists else next(iter(lists))
    found = service.messages(talk, request.args.get("older")) if talk else None
    return render_template(
        "account/messages.html",
        console=True,
        page=lists[shown][1](who, cursor),
        shown=shown,
        tabs_of=[(row[0], _address_of(key), key == shown) for key, row in lists.items()],
        talk=talk,
        found=found,
        photos=service.photos_of(found) if found else {},
        side=service.side_of(who, talk) if talk else "",
        names=_names(talk) if talk else {},
        form=form,
        topics=rules.TOPIC_WORDS,
        first=FIRST_ANSWERS.get(talk.topic) if talk else None,
        is_late=lambda row: service.LATE(row.answer_until, clock.now()),
    )  # fmt: skip


def _lists(talk: Conversation | None) -> dict[str, tuple[Any, Any]]:
    """The lists this actor has, the one that the open conversation stands in first."""
    who = actor()
    found: dict[str, tuple[Any, Any]] = {}
    if "shopper" in who.roles:
        found["own"] = (_("My own"), service.mine)
    if who.merchant_id is not None:
        found["shop"] = (_("My shop’s"), service.of_shop)
    if "support" in who.roles or "officer" in who.roles:
        found["support"] = (_("For support"), service.queue)
    first = {rules.SHOPPER: "own", rules.MERCHANT: "shop", rules.STAFF: "support"}
    at = first[service.side_of(who, talk)] if talk else "shop"
    return {at: found[at], **found} if at in found else found


def _names(talk: Conversation) -> dict[str, str]:
    """How each side is called for this reader: a merchant reads no shopper's name."""
    merchant = find(Merchant, id=talk.merchant_id) if talk.merchant_id else None
    names = {"shopper": _("The shopper"), "merchant": merchant.name if merchant else "", "staff": _("Support")}
    if service.side_of(actor(), talk) == rules.STAFF:
        names["shopper"] = str(db.session.get_one(Account, talk.account_id).name or names["shopper"])
    return {**names, service.side_of(actor(), talk): _("You")}


def _address_of(shown: str) -> str:
    asked: dict[str, Any] = {"in": shown}  # a word that Python keeps for itself
    return url_for("account.conversations", **asked)
