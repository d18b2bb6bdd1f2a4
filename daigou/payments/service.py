"""What the room of payments does for others, in one place."""

from .compensating import compensate, compensate_delivery
from .onboarding import onboard
from .refunding import refund, refund_parcel
from .releasing import release_item, settle_parcel
from .starting import start

__all__ = [
    "compensate",
    "compensate_delivery",
    "onboard",
    "refund",
    "refund_parcel",
    "release_item",
    "settle_parcel",
    "start",
]
