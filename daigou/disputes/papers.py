"""Who may read evidence that was made for a bank: officers."""

from __future__ import annotations

from uuid import UUID

from daigou.core.access import Actor, require
from daigou.core.db import load
from daigou.documents import access
from daigou.documents.models import StoredFile

from .models import Dispute


def may_read(actor: Actor, file: StoredFile) -> None:
    require(actor, "dispute.view", load(Dispute, id=UUID(file.about.partition("/")[2])))


access.by_kind["dispute_evidence"] = may_read
