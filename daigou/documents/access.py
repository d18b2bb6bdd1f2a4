"""Who may read a file: each kind's own room says so, for it alone knows the thing the file is about.

A room fills ``by_kind["paper"] = check``; app.py loads the rooms, so imports stay downward. A check returns nothing and
raises Denied or NotFound.
"""

from __future__ import annotations

from collections.abc import Callable

from daigou.core.access import Actor
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy

from .models import StoredFile

Check = Callable[[Actor, StoredFile], None]
by_kind: dict[str, Check] = {}


def require_access(actor: Actor, file: StoredFile) -> None:
    """NotFound or Denied unless the file's room lets this actor read it. A kind without a check is nobody's."""
    check = by_kind.get(file.kind)
    if check is None:
        raise NotFound("document.not_found", lazy("There is no such thing here, or it is not yours."))
    check(actor, file)
