"""The library's errors in our words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from daigou.providers.payment import Declined, Rejected, Trouble, Unanswered

from .amounts import NotChargeable

log = logging.getLogger(__name__)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Everything the library raises inside leaves as Declined, Rejected or Unanswered, and is logged once."""
    try:
        yield
    except stripe.StripeError as error:
        trouble = _ours(error)
        log.warning(
            "stripe: %s did not work",
            doing,
            extra={"code": trouble.code, "kind": type(trouble).__name__, "stripe_request": error.request_id},
        )
        raise trouble from error
    except NotChargeable as error:
        raise Rejected(f"amount_{error.code}", str(error)) from error


def _ours(error: stripe.StripeError) -> Trouble:
    code = str(getattr(error, "code", None) or type(error).__name__)
    if isinstance(error, stripe.CardError):
        return Declined(str(getattr(error.error, "decline_code", None) or code))
    if isinstance(error, stripe.APIConnectionError):
        return Unanswered("no_answer")
    status = error.http_status or 0
    if isinstance(error, stripe.RateLimitError) or status in (409, 429):
        return Unanswered(code)  # it was not begun, or its first request is still going on
    if status >= 500:
        return Unanswered(code, answered=True)
    return Rejected(code, str(error.user_message or ""))
