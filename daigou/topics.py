"""The one table of outbox topics: what happened, which queue works on it, and who does.

A handler takes the payload's ids, is safe to run twice, and lives in its room's jobs.py.
"""

from compliance.audit import jobs as audit
from daigou.accounts import jobs as accounts
from daigou.aftersales import jobs as aftersales
from daigou.core.outbox import Topic
from daigou.disputes import jobs as disputes
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
    "dispute.assemble": Topic("default", disputes.assemble),
    "dispute.close": Topic("money", disputes.close),
    "dispute.decided": Topic("default", disputes.decided),
    "dispute.over": Topic("money", disputes.over),
    "dispute.refetch": Topic("money", disputes.refetch),
    "dispute.refused": Topic("default", disputes.refused),
    "dispute.submit": Topic("money", disputes.submit),
    "easypost.event": Topic("default", shipping.take_event),
    "export.build": Topic("bulk", audit.build_export),
    "freight.paid": Topic("default", shipping.freight_paid),
    "inspection.concluded": Topic("default", warehouse.report),
    "item.invalid": Topic("money", payments.refund_invalid_item),
    "item.withdrawn": Topic("money", payments.refund_withdrawn_item),
    "notice.mail": Topic("mail", notices.mail),
    "order.paid": Topic("default", orders.tell_paid),
    "parcel.ship": Topic("default", shipping.send),
    "payment.close": Topic("money", payments.close_page),
    "payment.refetch": Topic("money", payments.refetch_payment),
    "payout.refetch": Topic("money", payments.refetch_payout_account),
    "refund.bank_wanted": Topic("default", payments.refund_bank_wanted),
    "refund.failed": Topic("default", payments.refund_failed),
    "refund.submit": Topic("money", payments.submit_refund),
    "refund.succeeded": Topic("default", aftersales.refund_succeeded),
    "release.paid": Topic("default", payments.release_paid),
    "release.submit": Topic("money", payments.submit_release),
    "stripe.event": Topic("money", payments.stripe_event),
    "tracker.refetch": Topic("default", shipping.refetch),
}
