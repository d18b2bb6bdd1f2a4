"""Verifying a bundle: what outsiders' timestamps say of when its entries were in the log.

A timestamp over the checkpoint of `size` entries says that those existed by its time, and (for the log stamps its
newest checkpoint, after it gave a place to all that waited) that the ones behind them came later.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from compliance.audit import bundle, entry
from compliance.audit.check import Check
from daigou.providers import timestamping
from daigou.providers.timestamping import Unusable

LATE: Final = timedelta(hours=1)
"""How much older than the timestamp before it an entry may say that it is: a long transaction, no more."""
SKEW: Final = timedelta(minutes=5)
"""How far the clocks of the log and of the service may lie apart."""
_NAME: Final = re.compile(r"timestamps/(0|[1-9][0-9]{0,18})\.tsr")
_FIRST, _LAST = "0000", "9999-99"


def check_timestamps(check: Check) -> None:
    """Each is over the checkpoint of its size and signed by the service that is trusted; times rise with sizes."""
    for name in sorted(n for n in check.archive.names if n.startswith(bundle.TIMESTAMPS)):
        matched = _NAME.fullmatch(name)
        over = check.over(int(matched[1])) if matched else None
        if matched is None or over is None:
            check.report.add("timestamp", f"{name} is over no checkpoint of this bundle")
            continue
        try:
            data = check.archive.read(over), check.archive.read(name)
            check.stamps[int(matched[1])] = timestamping.read(data[1], data[0], check.tsa_roots)
        except Unusable as error:
            check.report.add("timestamp", f"{name} does not hold: {error}")
    for (small, early), (large, late) in pairwise(sorted(check.stamps.items())):
        if early > late:
            message = f"the tree of {large} entries is stamped {late}, before that of {small} ({early})"
            check.report.add("timestamp", message)


def spans(check: Check) -> Iterator[tuple[int, str, str]]:
    """(end, earliest, latest): what entries below index `end` may say of their time, as an entry writes it."""
    earliest = _FIRST
    for size, at in sorted(check.stamps.items()):
        yield size, earliest, _written(at + SKEW)
        earliest = _written(at - LATE)
    yield 2**63, earliest, _LAST


def _written(at: datetime) -> str:
    return entry.stamp(at)
