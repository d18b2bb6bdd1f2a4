"""JSON lines with a request id, and nothing secret in them."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from daigou.core.ids import uuid7

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRETS = re.compile(
    r"(sk|rk|whsec|pk)_(live|test)?_?[A-Za-z0-9]{6,}|EZ[AT]K[A-Za-z0-9]{6,}|://[^:/@\s]+:[^@\s]+@|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|(?i:bearer|basic)\s+[A-Za-z0-9+/=._-]{8,}"
)
# Card numbers begin with 2 to 6 and have 13 to 19 digits, often in groups; the last digit is a check (ISO/IEC 7812).
_DIGITS = re.compile(r"(?<![\w.])[2-6](?:[ -]?\d){12,18}(?!\w)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def redact(text: str) -> str:
    """The text without keys, credentials, mail addresses and card numbers, and without what forges a second line."""
    return _CONTROL.sub(" ", without_secrets(text))


def without_secrets(text: str) -> str:
    return _DIGITS.sub(_card, _SECRETS.sub("[redacted]", text))


def _card(found: re.Match[str]) -> str:
    return "[card]" if passes_luhn(re.sub(r"\D", "", found[0])) else found[0]


def passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if has_request_context():
            line["request_id"] = g.get("request_id")
        line |= {k: redact(str(v)) for k, v in vars(record).items() if k not in _KNOWN and not k.startswith("_")}
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def install(app: Flask) -> None:
    root = logging.getLogger()
    if not any(isinstance(h.formatter, JsonLines) for h in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, one-time links among them
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else uuid7().hex
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response
