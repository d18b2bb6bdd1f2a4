"""Who may see the photos and the label of a claim: whoever may see the claim."""

from __future__ import annotations

from uuid import UUID

from daigou.core.access import Actor, require
from daigou.core.db import load
from daigou.documents import access
from daigou.documents.models import StoredFile

from .models import WarrantyClaim

PHOTO = "warranty_photo"
LABEL = "warranty_label"


def may_read(actor: Actor, file: StoredFile) -> None:
    """NotFound or Denied for people the claim is none of."""
    require(actor, "warranty.view", load(WarrantyClaim, id=UUID(file.about.partition("/")[2])))


access.by_kind.update({PHOTO: may_read, LABEL: may_read})
