"""The one table of outbox topics: what happened, which queue works on it, and who does.

A handler takes the payload's ids, is safe to run twice, and lives in its room's jobs.py.
"""

from compliance.audit import jobs as audit
from compliance.oversight import jobs as oversight
from compliance.screening import jobs as screening
from daigou.accounts import jobs as accounts
from daigou.aftersales import jobs as aftersales
from daigou.core.outbox import Topic
from daigou.notices import jobs as notices
from daigou.orders import jobs as orders
from daigou.payments import jobs as payments
from daigou.shipping import jobs as shipping
from daigou.warehouse import jobs as warehouse

QUEUES = ("money", "default", "mail", "audit", "bulk")  # bulk: work of many minutes, after everything else

TOPICS: dict[str, Topic] = {
    "account.confirmation_wanted": Topic("mail", accounts.send_confirmation),
    "account.reset_wanted": Topic("mail", accounts.send_reset),
    "audit.sum_refusals": Topic("default", audit.sum_refusals),
    "dispute.seen": Topic("default", payments.dispute_seen),
    "bill.over": Topic("money", payments.close_pages),
    "easypost.event": Topic("default", shipping.take_event),
    "export.build": Topic("bulk", audit.build_export),
    "finding.late": Topic("default", oversight.tell_late),
    "freight.paid": Topic("default", shipping.freight_paid),
    "inspection.concluded": Topic("default", warehouse.report),
    "item.declined": Topic("money", payments.refund_declined_item),
    "item.invalid": Topic("money", payments.refund_invalid_item),
    "item.price_fell": Topic("money", payments.lower_price),
    "notice.mail": Topic("mail", notices.mail),
    "order.paid": Topic("default", orders.tell_paid),
    "parcel.ship": Topic("default", shipping.send),
    "payment.close": Topic("money", payments.close_page),
    "payment.failed": Topic("default", payments.payment_failed),
    "payment.refetch": Topic("money", payments.refetch_payment),
    "payout.refetch": Topic("money", payments.refetch_payout_account),
    "refund.failed": Topic("default", payments.refund_failed),
    "refund.submit": Topic("money", payments.submit_refund),
    "refund.succeeded": Topic("default", aftersales.refund_succeeded),
    "release.paid": Topic("default", payments.release_paid),
    "release.submit": Topic("money", payments.submit_release),
    "stripe.event": Topic("money", payments.stripe_event),
    "tracker.refetch": Topic("default", shipping.refetch),
    "screening.order": Topic("default", orders.screen),
    "screening.released": Topic("default", shipping.screening_released),
    "screening.rescreen": Topic("bulk", screening.rescreen),
}
