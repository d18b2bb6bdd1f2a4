"""Settings.

The environment in, one frozen Config out. Refuses to start on anything missing or malformed, all at once.
"""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import faults, keyring, readers


class ConfigError(ValueError):
    """What is wrong with the settings, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def setting(name: str, parse: Callable[[str], Any], form: str, default: Any = ...) -> Any:
    """One setting: its environment name, how to read it, what it should look like. ``NAME_FILE`` is read where set."""
    return field(metadata={"name": name, "parse": parse, "form": form, "default": default})


@dataclass(frozen=True)
class Config:
    database_url: str = setting(
        "DATABASE_URL", readers.url("postgresql", "postgresql+psycopg"), "postgresql://daigou_app:password@host/daigou"
    )
    keystore_url: str = setting(
        "KEYSTORE_URL", readers.url("postgresql", "postgresql+psycopg"), "postgresql://daigou_keys:password@host/daigou_keys"
    )
    redis_url: str = setting(
        "REDIS_URL", readers.url("redis", "rediss", "unix"), "redis://host:6379/0 or unix:///path/redis.sock"
    )
    secret_key: str = setting("SECRET_KEY", readers.secret, "at least 32 random characters")
    keks: dict[str, bytes] = setting(
        "KEK", keyring.parse, "id:base64 of 32 random bytes, the first one writes (KEK_FILE names a file)"
    )
    index_keys: dict[str, bytes] = setting(
        "BLIND_INDEX_KEY", keyring.parse_epochs, "base64 of 32 random bytes, or epoch:base64, the first one writes"
    )
    audit_key: str = setting("AUDIT_SIGNING_KEY_FILE", str, "path of the log's Ed25519 key, made by `daigou audit key`")
    base_url: str = setting("BASE_URL", readers.origin, "https://shop.example, the address people use")
    storage_url: str = setting(
        "STORAGE_URL", readers.url("file", "s3"), "file:///var/lib/daigou or s3://bucket?endpoint=https://…&region=…"
    )
    stripe_key: str = setting(
        "STRIPE_SECRET_KEY",
        readers.prefixed("sk_live_", "sk_test_", "rk_live_", "rk_test_"),
        "sk_live_… (or sk_test_…)",
    )
    stripe_webhook_secret: str = setting("STRIPE_WEBHOOK_SECRET", readers.prefixed("whsec_"), "whsec_…")
    easypost_key: str = setting("EASYPOST_API_KEY", str, "EZAK… (or EZTK… for tests)")
    easypost_webhook_secret: str = setting(
        "EASYPOST_WEBHOOK_SECRET", readers.secret, "at least 32 characters, as given to EasyPost"
    )
    mail_url: str = setting(
        "MAIL_URL",
        readers.url("smtp", "smtps", "mailbox"),
        "smtps://user:password@host:465 (mailbox: beside the sandbox)",
    )
    # Where those two stand in files, the files are followed while we run: `daigou keys rotate` needs no restart.
    kek_file: str = setting("KEK_FILE", str, "path of the file that holds KEK", "")
    index_key_file: str = setting("BLIND_INDEX_KEY_FILE", str, "path of the file that holds BLIND_INDEX_KEY", "")
    owner_url: str = setting(
        "DATABASE_OWNER_URL",
        readers.url("postgresql", "postgresql+psycopg"),
        "postgresql://daigou_owner:password@host/daigou, for migrations",
        "",
    )
    stripe_api_url: str = setting("STRIPE_API_URL", readers.origin, "only for the sandbox: http://127.0.0.1:8001", "")
    easypost_api_url: str = setting(
        "EASYPOST_API_URL", readers.origin, "only for the sandbox: http://127.0.0.1:8001/easypost", ""
    )
    ecb_url: str = setting(
        "ECB_URL",
        readers.origin,
        "https address of the ECB's daily file",
        "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
    )
    audit_origin: str = setting("AUDIT_ORIGIN", str, "the log's name, such as shop.example/log", "")
    audit_witnesses: tuple[tuple[str, str], ...] = setting(
        "AUDIT_WITNESSES",
        readers.witnesses,
        "who keeps copies of the log's checkpoints, one a line: file:///folder, mailto:auditor@example.com, or"
        " https://witness.example/prefix and its verifier key (name+hex+base64) after a space",
        (),
    )
    timestamp_url: str = setting(
        "AUDIT_TIMESTAMP_URL", readers.url("http", "https"), "an RFC 3161 service: https://tsa.example/tsr", ""
    )
    timestamp_roots: str = setting(
        "AUDIT_TIMESTAMP_ROOTS", readers.pem, "its root certificates, PEM (AUDIT_TIMESTAMP_ROOTS_FILE names a file)", ""
    )
    mail_from: str = setting("MAIL_FROM", str, "Daigou <no-reply@shop.example>", "Daigou <no-reply@localhost>")
    platform_country: str = setting(
        "PLATFORM_COUNTRY", readers.country, "two capital letters: where the platform's Stripe account is", "JP"
    )
    platform_currency: str = setting("PLATFORM_CURRENCY", str, "the currency that account settles in", "JPY")
    bank_account: str = setting(
        "PLATFORM_BANK", str, "our own account for payouts by bank: Name|IBAN or number|BIC", ""
    )
    legal_name: str = setting("PLATFORM_LEGAL", str, "for invoices: Name|Street, City|tax number", "")
    escrow_name: str = setting("ESCROW_NAME", str, "what people call held money", "")
    shopper_balance: bool = setting(
        "SHOPPER_BALANCE", readers.boolean, "1 to let shoppers keep and spend a balance (licensed in places)", False
    )
    trusted_proxies: int = setting("TRUSTED_PROXIES", int, "how many proxies stand in front (0 for none)", 0)
    proxy_networks: tuple[readers.IPNetwork, ...] = setting(
        "PROXY_NETWORKS",
        readers.networks,
        "10.0.0.0/8 192.0.2.7: whose certificate and country headers are believed",
        (),
    )
    certificate_header: str = setting(
        "CLIENT_CERTIFICATE_HEADER", str, "X-Client-Certificate, where a proxy checks client certificates", ""
    )
    country_header: str = setting("COUNTRY_HEADER", str, "CF-IPCountry, where a proxy tells the visitor's country", "")
    sms_url: str = setting(
        "SMS_URL", readers.url("http", "https"), "https://SID:TOKEN@api.twilio.com?from=+4915112345678", ""
    )
    breach_url: str = setting(
        "BREACH_URL", readers.origin, "https://api.pwnedpasswords.com, to refuse passwords of known breaches", ""
    )
    openid: tuple[readers.OpenIdProvider, ...] = setting(
        "OPENID_PROVIDERS",
        readers.openid_providers,
        '[{"name": "google", "label": "Google", "issuer": "https://accounts.google.com", "client_id": "…", '
        '"client_secret": "…"}]',
        (),
    )
    metrics_token: str = setting(
        "METRICS_TOKEN", str, "bearer token for /metrics; without one it answers to loopback only", ""
    )
    pool_size: int = setting("DATABASE_POOL", int, "connections per process", 16)
    eori_number: str = setting("EORI_NUMBER", str, "the exporter's EORI number, for customs forms", "")
    ioss_number: str = setting("IOSS_NUMBER", str, "IM…, where VAT is charged at sale into the EU", "")
    advisories_file: str = setting("ADVISORIES_FILE", str, "path of a JSON list of OSV records for the daily scan", "")
    clamd_url: str = setting(
        "CLAMD_URL", readers.url("clamd"), "clamd://host:3310 or clamd:///run/clamav/clamd.ctl: scans every upload", ""
    )
    provider_seconds: float = setting("PROVIDER_SECONDS", float, "how long to wait for the payment provider", 10.0)
    carrier_seconds: float = setting("CARRIER_SECONDS", float, "how long to wait for the carrier’s provider", 20.0)
    sandbox: bool = setting("SANDBOX", readers.boolean, "1 beside the provider sandbox", False)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Reads every setting; ConfigError lists all that is missing or malformed."""
        values: dict[str, Any] = {}
        problems: list[str] = []
        for row in fields(cls):
            meta = row.metadata
            raw = _raw(env, meta["name"])
            if raw is None or raw == "":
                if meta["default"] is ...:
                    problems.append(f"{meta['name']} is missing: {meta['form']}")
                values[row.name] = meta["default"]
                continue
            try:
                values[row.name] = meta["parse"](raw)
            except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, OSError):
                problems.append(f"{meta['name']} is malformed: it should look like {meta['form']}")
        if not problems:
            problems = _contradictions(values)
        if problems:
            raise ConfigError(problems)
        return cls(**values)

    @property
    def legal(self) -> tuple[str, str, str]:
        """Who runs the platform: name, address and tax number, empty where not told."""
        name, address, number, *_rest = (part.strip() for part in (*self.legal_name.split("|"), "", "", ""))
        return name or self.host, address, number

    @property
    def is_sandbox(self) -> bool:
        """True only while every provider is the sandbox: demo people, the mailbox page and the journey need it."""
        return (
            self.sandbox
            and bool(self.stripe_api_url)
            and bool(self.easypost_api_url)
            and self.mail_url.startswith("mailbox:")
        )

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def log_origin(self) -> str:
        return self.audit_origin or f"{self.host}/log"


def _raw(env: Mapping[str, str], name: str) -> str | None:
    path = env.get(f"{name}_FILE")
    if path and not name.endswith("_FILE"):
        try:
            return Path(path).read_text()
        except OSError:
            return None
    return env.get(name)


def _contradictions(values: dict[str, Any]) -> list[str]:
    problems = []
    if values["certificate_header"] and not (values["trusted_proxies"] and values["proxy_networks"]):
        problems.append("CLIENT_CERTIFICATE_HEADER needs TRUSTED_PROXIES and PROXY_NETWORKS: anybody could send it")
    live = values["stripe_key"].startswith(("sk_live_", "rk_live_"))
    if values["sandbox"] and live:
        problems.append("SANDBOX is set beside a live STRIPE_SECRET_KEY: unset one of them")
    if bool(values["timestamp_url"]) != bool(values["timestamp_roots"]):
        problems.append("AUDIT_TIMESTAMP_URL and AUDIT_TIMESTAMP_ROOTS belong together: answers are verified")
    if os.environ.get(faults.VARIABLE) and not values["sandbox"]:
        problems.append(f"{faults.VARIABLE} is for tests beside the sandbox: unset it")
    if not values["sandbox"]:
        if not values["base_url"].startswith("https://"):
            problems.append("BASE_URL must be https outside the sandbox: https://shop.example")
        problems += [
            f"{name} is only for the sandbox: unset it, or set SANDBOX=1"
            for name, key in (("STRIPE_API_URL", "stripe_api_url"), ("EASYPOST_API_URL", "easypost_api_url"))
            if values[key]
        ]
        if any(not row.issuer.startswith("https://") for row in values["openid"]):
            problems.append("OPENID_PROVIDERS has an issuer without https: only the sandbox may")
        problems += [
            f"{name} must be https outside the sandbox"
            for name, key in (("SMS_URL", "sms_url"), ("BREACH_URL", "breach_url"))
            if values[key] and not values[key].startswith("https://")
        ]
        if values["mail_url"].startswith("mailbox:"):
            problems.append("MAIL_URL is the sandbox's mailbox: it should look like smtps://user:password@host:465")
    return problems
