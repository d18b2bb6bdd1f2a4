"""The sandbox's settings, read once from one JSON file. Live keys stop it before it opens a port."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIVE_PREFIXES = ("sk_live_", "rk_live_", "pk_live_", "EZAK")
CURRENCY_OF_COUNTRY = {
    "JP": "jpy", "US": "usd", "GB": "gbp", "CA": "cad", "CH": "chf", "AU": "aud", "SG": "sgd", "HK": "hkd",
    "NZ": "nzd", "SE": "sek", "DK": "dkk", "NO": "nok", "PL": "pln", "CZ": "czk", "HU": "huf", "RO": "ron",
    "BR": "brl", "MX": "mxn", "TH": "thb", "MY": "myr", "AE": "aed", "IN": "inr", "TW": "twd",
    "LI": "chf", "IS": "isk",
}  # fmt: skip


class ConfigRefused(Exception):
    """A setting that the sandbox will not start with; the text is one clear line."""


@dataclass(frozen=True)
class Endpoint:
    """Where events go. No `kinds` means every kind; several secrets sign side by side, as in a rotation."""

    provider: str
    url: str
    secrets: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    def wants(self, kind: str) -> bool:
        return not self.kinds or "*" in self.kinds or kind in self.kinds


@dataclass(frozen=True)
class Settings:
    """Times are seconds; `settle_seconds` is how long a payment's net stays pending."""

    stripe_secret_key: str = ""
    easypost_key: str = ""
    platform_country: str = "JP"
    settlement_currencies: tuple[str, ...] = ()
    opening_balance: Mapping[str, int] = field(default_factory=dict)
    webhooks: tuple[Endpoint, ...] = ()
    public_url: str = ""
    openid_clients: tuple[Mapping[str, Any], ...] = ()
    sms_account: str = ""
    sms_token: str = ""
    settle_seconds: int = 0
    tracker_step_seconds: float = 2.0
    async_payment_seconds: float = 5.0
    async_refund_seconds: float = 2.0
    onboarding_seconds: float = 0.0
    automatic_payout_seconds: float = 5.0
    dispute_seconds: float = 2.0
    webhook_backoff_seconds: float = 0.5
    webhook_backoff_cap_seconds: float = 15.0
    fee_percent: float = 3.6
    conversion_percent: float = 2.0
    refund_overdraft: bool = True
    refuse_env: bool = True

    @property
    def currencies(self) -> tuple[str, ...]:
        """Currencies the platform settles in; the first takes whatever must be converted."""
        return self.settlement_currencies or (currency_of(self.platform_country),)


def currency_of(country: str) -> str:
    """The settlement currency of a country's accounts; the euro where no row says otherwise."""
    return CURRENCY_OF_COUNTRY.get(country, "eur")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the file and look at the environment. Raises ConfigRefused with one line."""
    raw = _read(path)
    unknown = sorted(set(raw) - set(Settings.__dataclass_fields__))
    if unknown:
        raise ConfigRefused(f"sandbox: unknown settings {', '.join(unknown)}")
    found = dict(raw)
    found["webhooks"] = tuple(_endpoint(row) for row in raw.get("webhooks", []))
    found["openid_clients"] = tuple(raw.get("openid_clients", []))
    found["settlement_currencies"] = tuple(c.lower() for c in raw.get("settlement_currencies", []))
    _check_types(found)
    settings = Settings(**found)
    _refuse_live(settings, environ)
    return settings


def _check_types(found: Mapping[str, Any]) -> None:
    """Each value must be of its default's kind: a wrong one would only show in the middle of a payment."""
    for name, value in found.items():
        default = Settings.__dataclass_fields__[name].default
        kind = (int, float) if type(default) in (int, float) else type(default)
        wrong = isinstance(default, (str, int, float)) and not isinstance(value, kind)
        if wrong or (isinstance(value, bool) is not isinstance(default, bool)):
            raise ConfigRefused(f"sandbox: the setting {name} should look like {default!r}")


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigRefused(f"sandbox: cannot read the config file {path}: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigRefused(f"sandbox: the config file {path} must hold one JSON object")
    return raw


def _endpoint(row: Any) -> Endpoint:
    try:
        secret = row["secret"]
        secrets = (secret,) if isinstance(secret, str) else tuple(secret)
        return Endpoint(row["provider"], row["url"], secrets, tuple(row.get("kinds", ())))
    except (KeyError, TypeError) as error:
        raise ConfigRefused("sandbox: each webhook needs provider, url and secret") from error


def _refuse_live(settings: Settings, environ: Mapping[str, str]) -> None:
    """A sandbox next to live keys is a mistake about to cost money, so it does not start."""
    named = {
        "config stripe_secret_key": settings.stripe_secret_key,
        "config easypost_key": settings.easypost_key,
    }
    if settings.refuse_env:
        for name in ("STRIPE_SECRET_KEY", "STRIPE_API_KEY", "EASYPOST_API_KEY", "EASYPOST_KEY"):
            named[f"environment {name}"] = environ.get(name, "")
    for where, value in named.items():
        if value.startswith(LIVE_PREFIXES):
            raise ConfigRefused(f"sandbox: refused to start, {where} holds a live key ({value[:8]}…)")
