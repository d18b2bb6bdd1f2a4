"""Refusals in Stripe's own JSON form."""

from typing import Any


class StripeError(Exception):
    """`saved` tells whether an idempotency key remembers it: Stripe saves what began to execute.

    `keep` tells that the effects so far stand, as with a declined card: the failed charge is real.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
        saved: bool = True,
        keep: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.saved, self.keep = status, saved, keep
        self.body: dict[str, Any] = {"message": message, "type": kind}
        if code:
            self.body["code"] = code
            self.body["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            self.body["param"] = param
        self.body.update(extra)


def missing(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param, saved=False)


def invalid(message: str, param: str, code: str | None = None) -> StripeError:
    """A parameter that does not read; nothing had begun, so no key remembers it."""
    return StripeError(message, code=code, param=param, saved=False)


def no_such(kind: str, key: str, param: str = "id") -> StripeError:
    return StripeError(f"No such {kind}: '{key}'", code="resource_missing", param=param, status=404)


def unauthorised(message: str) -> StripeError:
    return StripeError(message, status=401, saved=False)


def forbidden(message: str, code: str | None = None) -> StripeError:
    return StripeError(message, status=403, code=code, saved=False)
