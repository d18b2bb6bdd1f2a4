"""What the owner of an account hears of a payment that waits for a person: that it does, why, and what they can do."""

from __future__ import annotations

from daigou.accounts import freezing
from daigou.accounts.models import Account
from daigou.core.db import load
from daigou.core.i18n import _
from daigou.notices.service import speaking, tell
from daigou.orders.models import Bill
from daigou.risk.habits.models import PaymentCheck


def held(account: Account, bill: Bill) -> None:
    """With the link “this was not me”, which closes the account: whoever pays may be somebody else."""
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "payment.held",
            _("A person looks at your payment for %(ref)s", ref=bill.about_ref),
            _("This payment is unlike those that you usually make. A program has noticed it, and a person decides "
              "within a day. Nothing is charged meanwhile.\n"
              "If you began it, there is nothing you must do; on the page of bill %(bill)s you can tell us more.\n"
              "If you did not begin it, open the link: it ends every session and lets nobody in until you have chosen "
              "a new password.", bill=bill.ref),
            f"/account/alarm/{freezing.alarm(account)}",
            once=bill.id,
        )  # fmt: skip


def refused(check: PaymentCheck, ruling: str) -> None:
    account = load(Account, id=check.account_id)
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "payment.refused",
            _("We have stopped your payment for %(ref)s", ref=check.order_ref),
            _("A person has looked at it and decided: %(ruling)s\n"
              "Nothing was charged. If this is wrong, say so on the page of the bill: somebody else looks at it again.",
              ruling=ruling),
            f"/bills/{check.bill_ref}",
            once=f"{check.id}/{'again' if check.contested_at else 'first'}",
        )  # fmt: skip
