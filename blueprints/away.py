"""What people see while a part behind the shop does not answer: a page that asks none of them for anything."""

from __future__ import annotations

import logging

import psycopg
from flask import Flask, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from daigou.core.access import ANONYMOUS
from daigou.core.i18n import lazy
from daigou.providers.storage import Away as StorageAway

log = logging.getLogger(__name__)

# The database's own word for what is not the program's fault (PEP 249): away, restarting, full, a deadlock's victim.
AWAY = (OperationalError, InterfaceError, PoolExhausted, psycopg.OperationalError, RedisAway, RedisSilent, StorageAway)

RETRY_SECONDS = 15
MOST = 64 * 1024  # characters of a form that are kept on the page
_SECRET = ("password", "code", "secret")
_WORDS = lazy("A part that this needs does not answer at the moment. Try again in a minute.")


def install(app: Flask) -> None:
    for kind in AWAY:
        app.register_error_handler(kind, answer)


def answer(error: Exception) -> ResponseReturnValue:
    """503, and when to come back: as JSON for machines (a webhook's sender tries again), else as a page."""
    log.error("a part is away", extra={"part": type(error).__name__}, exc_info=error)
    g.actor = ANONYMOUS  # who it is stands in the database
    g.pop("ui", None)
    return page("", alone=True)


def page(reason: str, *, alone: bool = False) -> ResponseReturnValue:
    """The page for what is unavailable. ``alone`` leaves out all that depends on who is asking."""
    if wants_json():
        response = jsonify(error="unavailable", message=reason or str(_WORDS))
    else:
        response = make_response(
            render_template(
                "errors/503.html", reason=reason, alone=alone, typed=_typed(), request_id=g.get("request_id")
            )
        )
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.status_code = 503
    return response


def wants_json() -> bool:
    return request.path.startswith(("/api/", "/webhooks/")) or request.accept_mimetypes.best == "application/json"


def _typed() -> list[tuple[str, str]] | None:
    """What was sent, to be sent again with one press. None where that can't be: a file, a password, nothing sent."""
    if request.method != "POST" or any(file.filename for file in request.files.values()):
        return None
    found = [(name, value) for name, value in request.form.items(multi=True) if isinstance(value, str)]
    if any(word in name for name, _ in found for word in _SECRET) or sum(len(value) for _, value in found) > MOST:
        return None
    return found
