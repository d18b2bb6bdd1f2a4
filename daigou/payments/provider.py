"""Which payment provider this installation has. Made at first use: its library is not cheap to load."""

from __future__ import annotations

from flask import current_app

from daigou.core.config import Config
from daigou.providers.payment import PaymentProvider


def provider() -> PaymentProvider:
    """The running application's payment provider."""
    extensions = current_app.extensions
    if "payment_provider" not in extensions:
        extensions["payment_provider"] = _stripe(extensions["config"])
    found: PaymentProvider = extensions["payment_provider"]
    return found


def _stripe(config: Config) -> PaymentProvider:
    from daigou.providers.stripe.client import StripeProvider

    secrets = tuple(config.stripe_webhook_secret.replace(",", " ").split())
    patience = (3.0, config.provider_seconds)
    return StripeProvider(config.stripe_key, secrets, address=config.stripe_api_url, timeouts=patience)
