"""Pure rules of quotes, order items and bills. State belongs to the item; an order aggregates."""

from daigou.core.states import Machine, move

QUOTE = Machine(
    "quote",
    "issued",
    move("accept", "issued", "accepted", "quote.accept"),
    move("expire", "issued", "expired", "quote.expire"),
)

ORDER = Machine(
    "order",
    "placed",
    move("pay", "placed", "paid", "item.pay"),
    move("cancel", "placed", "cancelled", "order.cancel"),
    move("expire", "placed", "expired", "bill.expire"),
    move("complete", "paid", "completed", "item.complete"),
)

ITEM = Machine(
    "item",
    "payment_pending",
    move("pay", "payment_pending", "paid", "item.pay"),
    move("withdraw", "payment_pending paid", "withdrawn", "order.cancel"),
    move("purchase", "paid", "purchased", "item.purchase"),
    move("fail_purchase", "paid", "invalid", "item.purchase"),
    move("receive", "purchased", "received", "item.receive"),
    move("inspect", "received", "inspected", "item.inspect"),
    move("accept", "inspected", "in_stock", "item.accept"),
    move("pack", "in_stock", "in_parcel", "parcel.edit"),
    move("unpack", "in_parcel", "in_stock", "parcel.edit"),
    move("ship", "in_parcel", "shipped", "item.ship"),
    move("deliver", "shipped", "delivered", "item.deliver"),
    move("complete", "delivered", "completed", "item.complete"),
    # after-sales: the item waits where it is until the return is decided
    move("request_return", "inspected in_stock delivered", "return_requested", "return.open"),
    move("keep_inspected", "return_requested", "inspected", "return.decide"),
    move("keep_in_stock", "return_requested", "in_stock", "return.decide"),
    move("keep_delivered", "return_requested", "delivered", "return.decide"),
    move("return", "return_requested", "returned", "return.decide"),
    move("refund", "returned invalid withdrawn", "refunded", "refund.settle"),
)

BILL = Machine(
    "bill",
    "due",
    move("process", "due", "processing", "bill.settle"),
    move("reopen", "processing", "due", "bill.settle"),
    move("settle", "due processing", "paid", "bill.settle"),
    move("expire", "due", "expired", "bill.expire"),
    move("cancel", "due", "cancelled", "order.cancel"),
)
