"""The one table of outbox topics: what happened, which queue works on it, and who does.

A handler takes the payload's ids, is safe to run twice, and lives in its room's jobs.py.
"""

from daigou.core.outbox import Topic
from daigou.orders import jobs as orders
from daigou.shipping import jobs as shipping
from daigou.warehouse import jobs as warehouse

QUEUES = ("money", "default", "mail", "audit")

TOPICS: dict[str, Topic] = {
    "parcel.ship": Topic("default", shipping.send),
    "tracker.refetch": Topic("default", shipping.refetch),
    "order.paid": Topic("default", orders.tell_paid),
    "easypost.event": Topic("default", shipping.take_event),
    "freight.paid": Topic("default", shipping.freight_paid),
    "inspection.concluded": Topic("default", warehouse.report),
}
