"""What the room of payments does for others, in one place."""

from .compensating import compensate, compensate_delivery
from .covering import charge, is_frozen, refund_held
from .onboarding import onboard
from .refunding import refund, refund_parcel
from .releasing import release_item, settle_parcel
from .starting import start

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
