"""Pure rules: the life of a legal pack, and what of an entry may be handed to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from daigou.core.states import Machine, move

LEGAL_PACK = Machine(
    "legal_pack",
    "requested",
    move("build", "requested failed", "building", "pack.build"),
    move("finish", "building", "ready", "pack.build"),
    move("fail", "requested building", "failed", "pack.build"),
)

_PERSON = re.compile(r"sub_[0-9a-f]{24}")
# What we or a merchant keep of an order is no business of its shopper.
_KEPT_BY_OTHERS = frozenset({"commission", "payable", "claim", "deposit", "reserve", "reserve_advanced"})


def names_only(body: Mapping[str, Any], subject: str) -> bool:
    """Whether an entry names no person but this one and tells no amount that is another's: then its bytes are theirs.

    A leaf can't be handed out in part, for its hash is over all of it; of the others the hash alone is handed out.
    """
    if set(_PERSON.findall(json.dumps(body))) - {subject}:
        return False
    lines = body.get("facts", {}).get("lines") or []
    return not any(str(line).split(":", 1)[0] in _KEPT_BY_OTHERS for line in lines)


