"""Which provider of identity checks this installation has. Made at first use: its library is not cheap to load."""

from __future__ import annotations

from flask import current_app

from daigou.core.config import Config
from daigou.providers.identity import IdentityProvider


def provider() -> IdentityProvider:
    """The running application's identity provider."""
    extensions = current_app.extensions
    if "identity_provider" not in extensions:
        extensions["identity_provider"] = _stripe(extensions["config"])
    found: IdentityProvider = extensions["identity_provider"]
    return found


def _stripe(config: Config) -> IdentityProvider:
    from daigou.providers.stripe.identity import StripeIdentity

    return StripeIdentity(config.stripe_key, address=config.stripe_api_url)
