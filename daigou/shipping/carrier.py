"""Which carrier aggregator this installation has. Made at first use: its library is not cheap to load."""

from __future__ import annotations

from flask import current_app

from daigou.providers.carrier import CarrierProvider


def carrier() -> CarrierProvider:
    """The running application's carrier aggregator."""
    extensions = current_app.extensions
    if "carrier_provider" not in extensions:
        from daigou.providers.easypost import EasyPostCarrier

        config = extensions["config"]
        extensions["carrier_provider"] = EasyPostCarrier(
            config.easypost_key,
            config.easypost_webhook_secret,
            config.easypost_api_url,
            seconds=config.carrier_seconds,
        )
    found: CarrierProvider = extensions["carrier_provider"]
    return found
