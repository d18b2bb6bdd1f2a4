"""The one table of outbox topics: what happened, which queue works on it, and who does.

A handler takes the payload's ids, is safe to run twice, and lives in its room's jobs.py.
"""

from compliance.audit import jobs as audit
from daigou.accounts import jobs as accounts
from daigou.aftersales import jobs as aftersales
from daigou.core.outbox import Topic
from daigou.invoicing import jobs as invoicing
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
    "bank_details.changed": Topic("default", payments.bank_details_changed),
    "dispute.seen": Topic("default", payments.dispute_seen),
    "easypost.event": Topic("default", shipping.take_event),
    "export.build": Topic("bulk", audit.build_export),
    "freight.paid": Topic("default", shipping.freight_paid),
    "inspection.concluded": Topic("default", warehouse.report),
    "invoice.order": Topic("default", invoicing.for_order),
    "item.invalid": Topic("money", payments.refund_invalid_item),
    "notice.mail": Topic("mail", notices.mail),
    "order.paid": Topic("default", orders.tell_paid),
    "parcel.ship": Topic("default", shipping.send),
    "payment.close": Topic("money", payments.close_page),
    "payment.refetch": Topic("money", payments.refetch_payment),
    "payout.bank_refused": Topic("default", payments.payout_trouble),
    "payout.paid": Topic("default", payments.payout_paid),
    "payout.refetch": Topic("money", payments.refetch_payout_account),
    "payout.submit": Topic("money", payments.submit_payout),
    "payout.wake": Topic("default", payments.wake_payouts),
    "recourse.submit": Topic("money", payments.submit_recourse),
    "refund.failed": Topic("default", payments.refund_failed),
    "refund.submit": Topic("money", payments.submit_refund),
    "refund.succeeded": Topic("default", aftersales.refund_succeeded),
    "release.submit": Topic("money", payments.submit_release),
    "stripe.event": Topic("money", payments.stripe_event),
    "tracker.refetch": Topic("default", shipping.refetch),
}
