"""What the room of payments does for others, in one place."""

from .escrow.releasing import release_item, settle_parcel
from .paying.starting import start
from .payouts.compensating import compensate, compensate_delivery
from .payouts.covering import charge, is_frozen, refund_held
from .payouts.onboarding import onboard
from .refunds.refunding import refund, refund_parcel

__all__ = [
    "charge",
    "compensate",
    "compensate_delivery",
    "is_frozen",
    "onboard",
    "refund",
    "refund_held",
    "refund_parcel",
    "release_item",
    "settle_parcel",
    "start",
]
