"""What the room of disputes does for others, in one place."""

from . import papers  # noqa: F401  registers who may read evidence
from .answering import accept, edit, submit
from .reading import case, counts, queue

__all__ = ["accept", "case", "counts", "edit", "queue", "submit"]
