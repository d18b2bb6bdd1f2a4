"""The use cases of orders, under one name: other rooms import from here."""

from .bills import end_bill, issue_bill, lock_items
from .buying import fail_purchase, record_purchase
from .cart import adopt
from .ending import cancel, withdraw_item
from .placing import place
from .quotes import quote_cart, quote_sourcing, renew_quote, view_quote
from .repricing import decline as decline_price
from .repricing import report_price
from .settling import settle_bill

__all__ = [
    "adopt",
    "cancel",
    "decline_price",
    "end_bill",
    "fail_purchase",
    "issue_bill",
    "lock_items",
    "place",
    "quote_cart",
    "quote_sourcing",
    "record_purchase",
    "renew_quote",
    "report_price",
    "settle_bill",
    "view_quote",
    "withdraw_item",
]
