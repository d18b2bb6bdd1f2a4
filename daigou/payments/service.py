"""What the room of payments does for others, in one place."""

from .onboarding import onboard
from .refunding import compensate, refund, refund_parcel
from .releasing import release_item, settle_parcel
from .starting import start

__all__ = ["compensate", "onboard", "refund", "refund_parcel", "release_item", "settle_parcel", "start"]
