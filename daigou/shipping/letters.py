"""What shoppers are told of their parcels, in their own language."""

from __future__ import annotations

from collections.abc import Callable

from daigou.core.i18n import _, ngettext
from daigou.payments.escrow import rulebook
from daigou.warehouse.letters import send

from .models import Parcel


def _tell(parcel: Parcel, kind: str, words: Callable[[], tuple[str, str]]) -> None:
    send(parcel.account_id, kind, words, f"/parcels/{parcel.ref}")


def shipped(parcel: Parcel) -> None:
    def words() -> tuple[str, str]:
        body = _(
            "Your parcel %(ref)s is with the carrier. Its tracking number is %(code)s.",
            ref=parcel.ref,
            code=parcel.tracking_code,
        )
        return _("Your parcel is on its way"), body

    _tell(parcel, "parcel.shipped", words)


def customs_asks(parcel: Parcel, status: str) -> None:
    def words() -> tuple[str, str]:
        if status == "customs_information_required":
            body = _("Customs holds parcel %(ref)s and asks for information. The page says what to do.", ref=parcel.ref)
            return _("Customs needs something from you"), body
        body = _("Customs asks for duty on parcel %(ref)s before it goes on. The page says how much.", ref=parcel.ref)
        return _("Duty is due on your parcel"), body

    _tell(parcel, "parcel.customs", words)


def moved(parcel: Parcel, move: str) -> None:
    """Only what a person must know or do: where it is stands on the page."""
    letter = {"deliver": _delivered, "clear_customs": _released}.get(move)
    if letter is not None:
        letter(parcel)
    elif move in ("turn_back", "lose", "damage", "seize"):
        _trouble(parcel)


def _delivered(parcel: Parcel) -> None:
    def words() -> tuple[str, str]:
        body = ngettext(
            "Open parcel %(ref)s and look at everything. Confirm that it is right, or ask for a return. "
            "If you do nothing, it counts as confirmed after %(num)d day.",
            "Open parcel %(ref)s and look at everything. Confirm that it is right, or ask for a return. "
            "If you do nothing, it counts as confirmed after %(num)d days.",
            rulebook.span("delivery_silence").days,
            ref=parcel.ref,
        )
        return _("Delivered. Please look at it"), body

    _tell(parcel, "parcel.delivered", words)


def _released(parcel: Parcel) -> None:
    def words() -> tuple[str, str]:
        return _("Customs has released your parcel"), _("Parcel %(ref)s goes on to you now.", ref=parcel.ref)

    _tell(parcel, "parcel.released", words)


def _trouble(parcel: Parcel) -> None:
    def words() -> tuple[str, str]:
        body = _("Something happened to parcel %(ref)s. We look into it, and your money stays held.", ref=parcel.ref)
        return _("Your parcel did not arrive as it should"), body

    _tell(parcel, "parcel.trouble", words)


def completed(parcel: Parcel) -> None:
    def words() -> tuple[str, str]:
        body = _("You confirmed parcel %(ref)s, or its time passed. The merchants are being paid.", ref=parcel.ref)
        return _("Your parcel is complete"), body

    _tell(parcel, "parcel.completed", words)
