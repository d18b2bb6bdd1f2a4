"""Refusals in EasyPost's form."""

from typing import Any


class CarrierError(Exception):
    """`errors` lists fields as EasyPost does: [{"field": …, "message": …}]."""

    def __init__(self, code: str, message: str, status: int = 422, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "errors": errors or []}}


def required(field: str) -> CarrierError:
    detail = {"field": field, "message": "cannot be blank"}
    return CarrierError("PARAMETER.REQUIRED", f"Missing required parameter: {field}", 422, [detail])


def not_found() -> CarrierError:
    return CarrierError("NOT_FOUND", "The requested resource could not be found.", 404)
