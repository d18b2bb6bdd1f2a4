"""The one table of outbox topics: what happened, which queue works on it, and who does.

A handler takes the payload's ids, is safe to run twice, and lives in its room's jobs.py.
"""

from compliance.audit import jobs as audit
from compliance.identity import jobs as identity
from compliance.oversight import jobs as oversight
from compliance.privacy import jobs as privacy
from compliance.qualification import jobs as qualification
from compliance.screening import jobs as screening
from daigou.accounts import jobs as accounts
from daigou.aftersales import jobs as aftersales
from daigou.announcing import jobs as announcing
from daigou.casework import jobs as casework
from daigou.catalog import jobs as catalog
from daigou.core.outbox import Topic
from daigou.disputes import jobs as disputes
from daigou.documents import jobs as documents
from daigou.invoicing import jobs as invoicing
from daigou.notices import jobs as notices
from daigou.orders import jobs as orders
from daigou.payments import jobs as payments
from daigou.reputation import jobs as reputation
from daigou.shipping import jobs as shipping
from daigou.warehouse import jobs as warehouse
from daigou.warranty import jobs as warranty

QUEUES = ("money", "default", "mail", "audit", "bulk")  # bulk: work of many minutes, after everything else

TOPICS: dict[str, Topic] = {
    "account.confirmation_wanted": Topic("mail", accounts.send_confirmation),
    "account.reset_wanted": Topic("mail", accounts.send_reset),
    "alert.raised": Topic("default", casework.tell_alert),
    "announcement.posted": Topic("bulk", announcing.tell_everybody),
    "announcement.letter": Topic("bulk", announcing.send_letter),
    "application.inspect": Topic("default", qualification.inspect),
    "application.twin": Topic("default", qualification.weigh_twin),
    "audit.sum_refusals": Topic("default", audit.sum_refusals),
    "bank_details.changed": Topic("default", payments.bank_details_changed),
    "bill.over": Topic("money", payments.close_pages),
    "cover.paid": Topic("money", warranty.cover_paid),
    "cover.unpaid": Topic("default", warranty.cover_unpaid),
    "breach.due": Topic("default", privacy.breach_due),
    "regulator.due": Topic("default", privacy.regulator_due),
    "dispute.assemble": Topic("default", disputes.assemble),
    "dispute.close": Topic("money", disputes.close),
    "dispute.decided": Topic("default", disputes.decided),
    "dispute.over": Topic("money", disputes.over),
    "dispute.refetch": Topic("money", disputes.refetch),
    "dispute.refused": Topic("default", disputes.refused),
    "dispute.submit": Topic("money", disputes.submit),
    "document.destroyed": Topic("default", documents.erase),
    "easypost.event": Topic("default", shipping.take_event),
    "export.build": Topic("bulk", audit.build_export),
    "erasure.identity": Topic("default", identity.forget),
    "erasure.payments": Topic("money", payments.forget_payer),
    "finding.late": Topic("default", oversight.tell_late),
    "freight.paid": Topic("default", shipping.freight_paid),
    "identity.cancel": Topic("default", identity.cancel),
    "identity.refetch": Topic("default", identity.refetch),
    "inspection.concluded": Topic("default", warehouse.report),
    "item.declined": Topic("money", payments.refund_declined_item),
    "habit.learn": Topic("default", payments.learn_habit),
    "invoice.order": Topic("default", invoicing.for_order),
    "item.invalid": Topic("money", payments.refund_invalid_item),
    "item.withdrawn": Topic("money", payments.refund_withdrawn_item),
    "item.price_fell": Topic("money", payments.lower_price),
    "listings.import": Topic("bulk", catalog.work_on_import),
    "merchant.holds_changed": Topic("default", catalog.follow_holds),
    "notice.mail": Topic("mail", notices.mail),
    "notice.text": Topic("mail", notices.text),
    "order.paid": Topic("default", orders.tell_paid),
    "pack.build": Topic("bulk", casework.build_pack),
    "pack.ready": Topic("default", casework.tell_pack),
    "parcel.ship": Topic("default", shipping.send),
    "payment.close": Topic("money", payments.close_page),
    "payment.failed": Topic("default", payments.payment_failed),
    "payment.look_again": Topic("default", payments.look_again),
    "payment.refetch": Topic("money", payments.refetch_payment),
    "payout.bank_refused": Topic("default", payments.payout_trouble),
    "payout.paid": Topic("default", payments.payout_paid),
    "payout.refetch": Topic("money", payments.refetch_payout_account),
    "payout.submit": Topic("money", payments.submit_payout),
    "payout.wake": Topic("default", payments.wake_payouts),
    "recourse.submit": Topic("money", payments.submit_recourse),
    "privacy.asked": Topic("default", privacy.erasure_asked),
    "privacy.copy": Topic("bulk", privacy.make_copy),
    "privacy.decided": Topic("default", privacy.request_decided),
    "privacy.erase": Topic("default", privacy.erase),
    "refund.bank_wanted": Topic("default", payments.refund_bank_wanted),
    "refund.failed": Topic("default", payments.refund_failed),
    "refund.submit": Topic("money", payments.submit_refund),
    "refund.succeeded": Topic("default", aftersales.refund_succeeded),
    "release.submit": Topic("money", payments.submit_release),
    "return.label": Topic("default", aftersales.buy_label),
    "stripe.event": Topic("money", payments.stripe_event),
    "tracker.refetch": Topic("default", shipping.refetch),
    "risk.payment_decided": Topic("default", payments.follow_check),
    "risk.review_decided": Topic("default", reputation.follow_decision),
    "risk.listing_decided": Topic("default", catalog.follow_check),
    "screening.order": Topic("default", orders.screen),
    "screening.changed": Topic("default", qualification.reassess),
    "screening.released": Topic("default", shipping.screening_released),
    "screening.rescreen": Topic("bulk", screening.rescreen),
}
