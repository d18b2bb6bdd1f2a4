"""Who may read photos and reports of an inspection: whoever may see the item."""

from __future__ import annotations

from uuid import UUID

from daigou.core.access import Actor, require
from daigou.core.db import load
from daigou.documents import access
from daigou.documents.models import StoredFile
from daigou.orders.models import OrderItem
from traceability.inspection.models import Inspection


def may_read(actor: Actor, file: StoredFile) -> None:
    """NotFound or Denied for people the item is none of."""
    inspection = load(Inspection, id=UUID(file.about.partition("/")[2]))
    require(actor, "order.view", load(OrderItem, id=inspection.item_id))


access.by_kind.update(qc_photo=may_read, qc_report=may_read)
