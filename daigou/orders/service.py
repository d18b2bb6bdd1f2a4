"""The use cases of orders, under one name: other rooms import from here."""

from .bills import issue_bill, lock_items, settle_bill
from .buying import fail_purchase, record_purchase
from .cart import adopt
from .ending import cancel, withdraw_item
from .placing import place
from .quotes import quote_cart, quote_sourcing, renew_quote, view_quote

__all__ = [
    "adopt",
    "cancel",
    "fail_purchase",
    "issue_bill",
    "lock_items",
    "place",
    "quote_cart",
    "quote_sourcing",
    "record_purchase",
    "renew_quote",
    "settle_bill",
    "view_quote",
    "withdraw_item",
]
