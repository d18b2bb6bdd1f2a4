"""What shoppers are told of their wishes, in their own language."""

from __future__ import annotations

from daigou.accounts.models import Account, Merchant
from daigou.core.db import load
from daigou.core.i18n import _
from daigou.notices import service as notices

from .models import SourcingRequest


def tell_answered(request: SourcingRequest, shop: Merchant) -> None:
    account = load(Account, id=request.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "sourcing.quoted",
            _("A merchant answered your request"),
            _("%(merchant)s can buy “%(title)s” for you. Look at the price.", merchant=shop.name, title=request.title),
            f"/sourcing/{request.ref}",
        )
