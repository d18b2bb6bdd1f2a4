"""Refusals: business answers that a person reads. Anything that is not a Refusal is a defect and becomes a 500."""

from collections.abc import Mapping


class Refusal(Exception):
    """``code`` is stable and for machines (``order.not_payable``); ``message`` is a lazy translation for people."""

    status = 409
    audited = False  # whether the refused attempt leaves an entry of its own

    def __init__(self, code: str, message: object = "", **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.facts = facts


class Denied(Refusal):
    """The actor may not do this. Seen as 403, and written to the audit log."""

    status = 403
    audited = True


class NotFound(Refusal):
    """There is no such thing, or none that this actor may know of: the two look alike on purpose."""

    status = 404


class Impossible(Refusal):
    """The thing's state does not allow this move now."""

    status = 409


class Invalid(Refusal):
    """Input that can't be taken. ``fields`` maps field names to messages for people."""

    status = 422

    def __init__(self, fields: Mapping[str, object], code: str = "input.invalid", message: object = "") -> None:
        super().__init__(code, message)
        self.fields = dict(fields)


class Unavailable(Refusal):
    """Something outside does not answer; nothing was changed and trying again later is right."""

    status = 503
