"""Addresses inside this site: nobody is sent elsewhere by a link that only looks like ours."""

from __future__ import annotations

import re

_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


def local_path(text: str | None, default: str = "/") -> str:
    """The path, if it is one on this site; else the default."""
    return text if text and len(text) <= 2000 and _LOCAL.fullmatch(text) else default
