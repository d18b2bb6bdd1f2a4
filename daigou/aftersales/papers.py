"""Who may see the photos and the label of a return: whoever may see the return."""

from __future__ import annotations

from uuid import UUID

from daigou.core.access import Actor, require
from daigou.core.db import load
from daigou.documents import access
from daigou.documents.models import StoredFile

from .models import ReturnCase

LABEL = "return_label"


def may_read(actor: Actor, file: StoredFile) -> None:
    """NotFound or Denied for people the case is none of."""
    require(actor, "return.view", load(ReturnCase, id=UUID(file.about.partition("/")[2])))


access.by_kind["return_photo"] = may_read
access.by_kind[LABEL] = may_read
