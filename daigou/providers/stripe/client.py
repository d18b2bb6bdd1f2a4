"""The adapter: our calls over Stripe’s library, with Stripe’s own keys, limits and names kept in here."""

from __future__ import annotations

from daigou.providers.payment import EventSeen

from . import signature
from .books import Books
from .disputes import Disputes
from .payments import Payments
from .refunds import Refunds
from .transfers import Transfers


class StripeProvider(Payments, Refunds, Transfers, Disputes, Books):
    """Implements payment.PaymentProvider."""

    def read_event(self, body: bytes, header: str | None) -> EventSeen:
        signature.verify(body, header, self._secrets)
        return signature.read(body)
