"""RFC 3161 timestamps on checkpoints: a service outside says when a tree of that size existed at the latest.

With them nobody can put an entry into the log today that claims to be last month's. The newest checkpoint is stamped
once an hour while the log grows, after everything that waits was given its place.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.providers import timestamping

from . import log, service
from .models import Timestamp

logger = logging.getLogger(__name__)

PAUSE: Final = timedelta(hours=1)


def stamp_due() -> None:
    """Stamp the newest checkpoint, if the last stamp is an hour old and the log grew. The next tick tries again."""
    import httpx

    config = service.config()
    if not config.timestamp_url or _is_too_soon():
        return
    if service.sequence_due().busy:
        return  # a stamp on an older checkpoint would say that what waits now came after it
    with service.connected() as connection:
        newest = log.latest_checkpoint(connection)
    if newest is None or db.session.get(Timestamp, newest.size) is not None:
        return
    try:
        made = timestamping.stamp(config.timestamp_url, newest.note.encode(), config.timestamp_roots)
    except (httpx.HTTPError, timestamping.Unusable) as error:
        logger.warning("no time-stamp", extra={"service": config.timestamp_url, "error": str(error)})
        return
    row = {"tree_size": newest.size, "response": made.response, "service": config.timestamp_url, "at": made.at}
    with transaction() as session:
        session.execute(insert(Timestamp).values(row).on_conflict_do_nothing())


def _is_too_soon() -> bool:
    last = db.session.execute(select(Timestamp.at).order_by(Timestamp.tree_size.desc()).limit(1)).scalar_one_or_none()
    return last is not None and clock.now() < last + PAUSE
