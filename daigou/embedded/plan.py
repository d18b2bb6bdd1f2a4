"""Which settings and which parts one start has: what the environment gives is used, the rest is embedded."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from daigou.embedded.home import CannotStart, Home, write_private
from daigou.embedded.postgres import Postgres
from daigou.embedded.redis import Redis

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8000
LIVE = {"STRIPE_SECRET_KEY": ("sk_live_", "rk_live_"), "EASYPOST_API_KEY": ("EZAK",)}
MAILBOX = "/sandbox/mailbox"  # a page of the shop itself
DEMO_BANK = "Daigou demo|0001234567|BOTKJPJT"  # an account that nobody has
ECB = "/stats/eurofxref/eurofxref-daily.xml"  # under the sandbox's address


@dataclass(frozen=True)
class Plan:
    home: Home
    port: int
    environ: dict[str, str]  # the derived settings, without the rest of the environment
    postgres: Postgres | None
    redis: Redis | None
    sandbox_port: int | None

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def sandbox_address(self) -> str:
        return f"http://{LOOPBACK}:{self.sandbox_port}"


def make_plan(home: Home, given: Mapping[str, str]) -> Plan:
    """Derive every setting that is not given. Needs the home folder prepared."""
    port = port_of(given)
    made = home.secrets()
    postgres = None if given.get("DATABASE_URL") else Postgres(
        home.postgres, home.sockets, home.logs / "postgresql.log"
    )  # fmt: skip
    redis = None if given.get("REDIS_URL") else Redis(home.redis, home.sockets, home.logs / "redis.log")
    sandbox_port = choose_sandbox_port(home, port) if wants_sandbox(given) else None
    base = given.get("BASE_URL") or f"http://{LOOPBACK}:{port}"
    derived = {
        "BASE_URL": base,
        "SECRET_KEY": made["SECRET_KEY"],
        "AUDIT_ORIGIN": made["AUDIT_ORIGIN"],
        "AUDIT_SIGNING_KEY_FILE": str(home.private / "audit.key"),
        "STORAGE_URL": home.files.as_uri(),
    }
    if not given.get("KEK"):
        derived["KEK_FILE"] = str(home.private / "kek")
    if not given.get("BLIND_INDEX_KEY"):
        derived["BLIND_INDEX_KEY_FILE"] = str(home.private / "blind-index-key")
    if postgres:
        derived |= {
            "DATABASE_URL": postgres.url("daigou_app", "daigou"),
            "DATABASE_OWNER_URL": postgres.url("daigou_owner", "daigou"),
            "KEYSTORE_URL": postgres.url("daigou_keys", "daigou_keys"),
        }
    if redis:
        derived["REDIS_URL"] = redis.url
    if sandbox_port:
        derived |= sandbox_settings(given, made, sandbox_port)
    ours = {name: given.get(name) or value for name, value in derived.items()}
    plan = Plan(home, port, ours, postgres, redis, sandbox_port)
    if sandbox_port:
        write_private(home.sandbox_config, json.dumps(sandbox_config(plan), indent=1))
    return plan


def port_of(given: Mapping[str, str]) -> int:
    text = given.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 0 < int(text) < 65535:
        raise CannotStart(f"PORT is malformed: it should look like {DEFAULT_PORT}, not {text!r}")
    return int(text)


def wants_sandbox(given: Mapping[str, str]) -> bool:
    """Never beside a live key: what is missing then is refused by name when the settings are read."""
    if any(given.get(name, "").startswith(prefixes) for name, prefixes in LIVE.items()):
        return False
    return not (given.get("STRIPE_SECRET_KEY") and given.get("EASYPOST_API_KEY"))


OPENID_NAME = "sandbox"
OPENID_RETURN = f"/sign-in/with/{OPENID_NAME}/return"


def people_settings(made: Mapping[str, str], port: int) -> dict[str, str]:
    """A provider to sign in through, and a text-message gateway; their secrets are of no use elsewhere."""
    secret = made["EASYPOST_WEBHOOK_SECRET"][:24]
    provider = {
        "name": OPENID_NAME,
        "label": "Sandbox ID",
        "issuer": f"http://{LOOPBACK}:{port}/openid",
        "client_id": "daigou",
        "client_secret": secret,
    }
    sms = f"http://ACsandbox:{secret}@{LOOPBACK}:{port}?from=+4930000000"
    return {"OPENID_PROVIDERS": json.dumps([provider]), "SMS_URL": sms}


def sandbox_settings(given: Mapping[str, str], made: Mapping[str, str], port: int) -> dict[str, str]:
    """A provider whose key is given is the real one, and needs the rest of its settings given too."""
    address = f"http://{LOOPBACK}:{port}"
    found = {"SANDBOX": "1", "MAIL_URL": "mailbox:", "ECB_URL": address + ECB, "PLATFORM_BANK": DEMO_BANK}
    found |= people_settings(made, port)
    if not given.get("STRIPE_SECRET_KEY"):
        found |= {"STRIPE_API_URL": address}
        found |= {name: made[name] for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")}
    if not given.get("EASYPOST_API_KEY"):
        found |= {"EASYPOST_API_URL": address}
        found |= {name: made[name] for name in ("EASYPOST_API_KEY", "EASYPOST_WEBHOOK_SECRET")}
    return found


def sandbox_config(plan: Plan) -> dict[str, object]:
    env = plan.environ
    back, sms = env["BASE_URL"] + OPENID_RETURN, urlsplit(env.get("SMS_URL", ""))
    kinds = (("stripe", "STRIPE_WEBHOOK_SECRET"), ("easypost", "EASYPOST_WEBHOOK_SECRET"))
    return {
        "stripe_secret_key": env.get("STRIPE_SECRET_KEY", ""),
        "easypost_key": env.get("EASYPOST_API_KEY", ""),
        "platform_country": "JP",
        # Straight to the web server: BASE_URL may be a name that only a proxy answers for.
        "webhooks": [
            {"provider": kind, "url": f"{plan.address}/webhooks/{kind}", "secret": secrets_in(kind, env[secret])}
            for kind, secret in kinds
            if secret in env
        ],
        "openid_clients": [
            {"client_id": row["client_id"], "client_secret": row["client_secret"], "redirect_uris": [back]}
            for row in json.loads(env.get("OPENID_PROVIDERS", "[]"))
            if row["issuer"].startswith(plan.sandbox_address)
        ],
        "sms_account": "ACsandbox",
        "sms_token": sms.password or "" if sms.port == plan.sandbox_port else "",
        "settle_seconds": 0,
        "tracker_step_seconds": 2,
    }


def secrets_in(kind: str, text: str) -> list[str]:
    """Stripe's may be several while one is rotated: the sandbox signs with each, as Stripe does."""
    return text.replace(",", " ").split() if kind == "stripe" else [text]


def choose_sandbox_port(home: Home, port: int) -> int:
    """Kept from start to start where it can be, for stored checkout pages name it."""
    kept = home.private / "sandbox-port"
    remembered = int(kept.read_text()) if kept.exists() else 0
    wanted = [one for one in (remembered, port + 1) if one and one != port]
    chosen = next((one for one in wanted if is_free(one)), 0) or any_free_port()
    write_private(kept, str(chosen))
    return chosen


def refuse_taken(port: int) -> None:
    if not is_free(port):
        raise CannotStart(
            f"Port {port} is in use by another program.\nStop that one, or choose another: PORT={port + 80} make run"
        )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def check_settings(environ: Mapping[str, str]) -> None:
    """Refuse at once, with every wrong setting named, rather than in five logs."""
    from daigou.core.config import Config, ConfigError

    try:
        Config.from_env(environ)
    except ConfigError as wrong:
        raise CannotStart("These settings must be mended first:\n  " + "\n  ".join(wrong.problems)) from None


def log_of(home: Home, part: str) -> Path:
    return home.logs / f"{part}.log"
