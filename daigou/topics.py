"""The one table of outbox topics: what happened, which queue works on it, and who does.

A handler takes the payload's ids, is safe to run twice, and lives in its room's jobs.py.
"""

from compliance.audit import jobs as audit
from daigou.accounts import jobs as accounts
from daigou.core.outbox import Topic
from daigou.notices import jobs as notices
from daigou.orders import jobs as orders
from daigou.warehouse import jobs as warehouse

QUEUES = ("money", "default", "mail", "audit", "bulk")  # bulk: work of many minutes, after everything else

TOPICS: dict[str, Topic] = {
    "audit.sum_refusals": Topic("default", audit.sum_refusals),
    "export.build": Topic("bulk", audit.build_export),
    "account.confirmation_wanted": Topic("mail", accounts.send_confirmation),
    "account.reset_wanted": Topic("mail", accounts.send_reset),
    "notice.mail": Topic("mail", notices.mail),
    "order.paid": Topic("default", orders.tell_paid),
    "inspection.concluded": Topic("default", warehouse.report),
}
