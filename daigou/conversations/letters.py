"""What people hear of conversations. The words themselves stay on the page: mail is not sealed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import any_, select, text

from daigou.accounts.models import Account, Member
from daigou.core import clock
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices import service as notices

from . import rules
from .models import Conversation


def written(talk: Conversation, side: str) -> None:
    """To everybody else who takes part, inside the transaction that writes. Staff has its queue."""
    if side != rules.SHOPPER:
        _tell([_shopper(talk)], talk, "conversation.written", lambda: _("You have a new message"))
    if side != rules.MERCHANT and talk.merchant_id is not None:
        _tell(_shop(talk), talk, "conversation.written", lambda: _("Your shop has a new message"))


def stepped_in(talk: Conversation) -> None:
    people = [_shopper(talk), *_shop(talk)]
    _tell(people, talk, "conversation.stepped_in", lambda: _("We take part in your conversation now"))


def late(talk: Conversation, people: list[Account]) -> None:
    """To all of support: somebody has waited longer than we promise. Once for each time we are late."""
    once = f"{talk.id}/{talk.answer_until:%Y%m%d%H%M}" if talk.answer_until else talk.id
    _tell(people, talk, "conversation.late", lambda: _("Somebody waits for our answer longer than promised"), once)


def _tell(
    people: list[Account], talk: Conversation, kind: str, title: Callable[[], str], once: object = None
) -> None:
    for account in people:
        with notices.speaking(account.locale, account.zone):
            words = _("It is about %(title)s.", title=talk.title) if talk.title else _("Read and answer it here.")
            notices.tell(account.id, kind, title(), words, f"/messages/{talk.ref}", once=once)


def _shopper(talk: Conversation) -> Account:
    return db.session.get_one(Account, talk.account_id)


def _shop(talk: Conversation) -> list[Account]:
    members = select(Member.account_id).where(Member.merchant_id == talk.merchant_id)
    return list(db.session.scalars(select(Account).where(Account.id.in_(members))))


def support() -> list[Account]:
    """Everybody who answers for us."""
    staff = text("NOT ('shopper' = ANY (roles))")  # as the index has it
    who = select(Account).where(staff, any_(Account.roles) == "support", Account.state == "active")
    return list(db.session.scalars(who))


def late_ones() -> list[Conversation]:
    """Conversations in which our promise has run out."""
    statement = select(Conversation).where(
        Conversation.state == "open", Conversation.awaited == rules.STAFF, Conversation.answer_until < clock.now()
    )
    return list(db.session.scalars(statement.limit(200)))
