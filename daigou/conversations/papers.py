"""Who may see the photos of a message: whoever may read the conversation."""

from __future__ import annotations

from uuid import UUID

from daigou.core.access import Actor
from daigou.documents import access
from daigou.documents.models import StoredFile

from . import reading


def may_read(actor: Actor, file: StoredFile) -> None:
    """NotFound or Denied for people the conversation is none of."""
    talk = reading.of_message(UUID(file.about.partition("/")[2]))
    if "officer" not in actor.roles:
        reading.require_part(actor, "conversation.view", talk)


access.by_kind["message_photo"] = may_read
