"""Breached passwords by the first five digits of their SHA-1, with padding: Have I Been Pwned's range form."""

import hashlib
import secrets

from daigou.sandbox.store import Store
from daigou.sandbox.wire import Request, Response, Route

# Long enough to pass every other check.
BREACHED = ("correct horse battery staple", "leaked walrus copper umbrellas")


def look(_store: Store, _request: Request, prefix: str) -> Response:
    if len(prefix) != 5 or not all(c in "0123456789ABCDEF" for c in prefix):
        return Response(400, b"The hash prefix was not in a valid format", {"Content-Type": "text/plain"})
    digests = (hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in BREACHED)
    found = [f"{digest[5:]}:{17}" for digest in digests if digest.startswith(prefix)]
    padding = [f"{secrets.token_hex(18)[:35].upper()}:0" for _ in range(20)]
    return Response(200, "\r\n".join([*found, *padding]).encode(), {"Content-Type": "text/plain"})


ROUTES = (Route("GET", "/range/<prefix>", look),)
