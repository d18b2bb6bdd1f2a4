"""How often a door may be knocked at. Counted in Redis, for all web processes together; a dead Redis opens the door."""

from __future__ import annotations

import ipaddress

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from daigou.accounts import directory
from daigou.core.config import Config


class _Doors(Limiter):
    """Counts at the doors that carry a limit. The library looks for limits of the whole application on every page, too;
    there are none."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _Doors(get_remote_address, strategy="moving-window", swallow_errors=True, key_prefix="daigou")

SIGN_IN_BY_PLACE = "20 per minute; 200 per hour"
SIGN_IN_BY_ACCOUNT = "10 per 15 minutes; 40 per day"
MAIL_BY_PLACE = "10 per hour"
MAIL_BY_ACCOUNT = "4 per hour"


def install(app: Flask, config: Config) -> None:
    url = config.redis_url
    app.config["RATELIMIT_STORAGE_URI"] = url if not url.startswith("unix:") else f"redis+{url}"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    limiter.init_app(app)


def by_account() -> str:
    """The account that a form names, as its blind index: known and unknown addresses are counted alike."""
    return "account:" + directory.email_index(request.form.get("email", "")[:254]).hex()


def here() -> bool:
    """People (and the journey) on the machine of the sandbox itself try things out as often as they like."""
    if not current_app.config["SANDBOX"]:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
