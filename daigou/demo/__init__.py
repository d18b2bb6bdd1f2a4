"""A believable small market for a demo, only beside the sandbox and only in an empty database."""

from typing import Any


def seed_once(config: Any) -> list[dict[str, str]]:
    """See seeding.seed_once. Loaded when called: the pictures are drawn by processes that need nothing else."""
    from .seeding import seed_once as seed

    return seed(config)
