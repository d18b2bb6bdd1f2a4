"""The composition root: the one file that may see everything, and puts it together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask, g, session
from flask_babel import Babel
from flask_login import LoginManager, current_user, user_logged_in
from flask_wtf import CSRFProtect
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

import blueprints
from blueprints import (
    account,
    api,
    design,
    guard,
    limits,
    merchant,
    officer,
    pages,
    public,
    sandbox,
    security,
    shopper,
    support,
    typed,
    warehouse,
    webhooks,
)
from blueprints.sessions import SignedSessions
from compliance.audit import refusals
from compliance.privacy import forgetting
from daigou import logs, queues, schema, topics  # noqa: F401  schema: every table is known
from daigou.accounts import closing, directory, identity
from daigou.accounts.sessions import service as sessions
from daigou.core import i18n, outbox, timekeeping
from daigou.core.access import ANONYMOUS, Actor
from daigou.core.config import Config
from daigou.core.crypto import Vault
from daigou.core.db import CONNECTING, db, on_refusal
from daigou.core.keyring import Keyring, LocalWrapper
from daigou.core.keystore import PostgresKeyStore
from daigou.embedded.home import environment
from daigou.notices import recipients
from daigou.orders import cart
from daigou.providers import antivirus, breaches, mail, openid, sms, storage

ROOT = Path(blueprints.__file__).parent
TRANSLATIONS = ROOT.parent / "translations"
MAX_FORM_BYTES = 40 * 1024 * 1024  # a form with its photos; single files have their own limits

AUDIENCES = (public, account, shopper, merchant, warehouse, officer, support, webhooks, api)


def create_app(config: Config | None = None) -> Flask:
    """The application. Reads its settings from the environment, else from the embedded stack on this machine."""
    config = config or Config.from_env({**environment(), **os.environ})
    app = Flask("daigou", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.request_class = typed.TypedRequest
    app.config.from_mapping(_flask_settings(config))
    app.session_interface = SignedSessions(app)
    app.extensions["config"] = config
    logs.install(app)
    db.init_app(app)
    _install_time(app)
    configure_mappers()  # once here, not in the first request or in each work-horse
    _install_vault(app, config)
    app.extensions["storage"] = storage.from_url(config.storage_url)
    app.extensions["scanner"] = antivirus.from_url(config.clamd_url)
    app.extensions["mail"] = mail.from_url(config.mail_url, config.mail_from)
    app.extensions["sms"] = sms.from_url(config.sms_url)
    app.extensions["breaches"] = breaches.from_url(config.breach_url)
    app.extensions["openid"] = openid.providers(config)
    recipients.configure(directory.recipient)
    forgetting.configure(closing.close)
    _install_queues(app, config)
    _install_web(app, config)
    if config.is_sandbox:
        app.register_blueprint(design.bp)
    for audience in (*AUDIENCES, *((sandbox,) if config.is_sandbox else ())):
        app.register_blueprint(audience.bp)
    return app


def _install_time(app: Flask) -> None:
    with app.app_context():
        app.extensions["timekeeper"] = keeper = timekeeping.Timekeeper(db.engine)
    keeper.look()
    timekeeping.sign_by_it()


def _flask_settings(config: Config) -> dict[str, Any]:
    return {
        "SECRET_KEY": config.secret_key,
        "SANDBOX": config.is_sandbox,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": config.pool_size,
            "max_overflow": 4,
            "pool_pre_ping": False,
            "pool_recycle": 1800,
            "pool_use_lifo": True,
            "pool_timeout": 10,
            "connect_args": CONNECTING,
        },
        "MAX_CONTENT_LENGTH": MAX_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "__Host-session" if config.is_secure else "session",
        "SESSION_COOKIE_SECURE": config.is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 14 * 24 * 3600,
        "WTF_CSRF_TIME_LIMIT": 24 * 3600,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(TRANSLATIONS),
        "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,
    }


def _install_vault(app: Flask, config: Config) -> None:
    engine: Engine = create_engine(
        config.keystore_url, pool_size=4, max_overflow=12, pool_timeout=10, connect_args=CONNECTING
    )
    app.extensions["keystore_engine"] = engine
    keks = LocalWrapper(Keyring(config.keks, config.kek_file))
    app.extensions["vault"] = Vault(PostgresKeyStore(engine, keks), Keyring(config.index_keys, config.index_key_file))


def _install_queues(app: Flask, config: Config) -> None:
    redis = queues.connect(config.redis_url)
    app.extensions["redis"] = redis
    outbox.configure(topics.TOPICS, queues.waker(redis))
    on_refusal(refusals.record)
    app.extensions["readiness"] = {
        "database": lambda: _answers(lambda: db.session.execute(text("SELECT 1"))),
        "keystore": lambda: _answers(lambda: _ping(app.extensions["keystore_engine"])),
        "redis": lambda: _answers(redis.ping),
    }


def _install_web(app: Flask, config: Config) -> None:
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    Babel(app, locale_selector=pages.choose_locale)
    i18n.configure_zone(pages.choose_zone)
    CSRFProtect(app).exempt(webhooks.bp)  # those carry signatures
    security.install(app, config)
    login = LoginManager(app, add_context_processor=False)  # pages read ui.actor; an error's page asks for nobody
    user_logged_in.connect(_bring_cart, app)
    login.user_loader(lambda key: identity.load(key, session.get("sid")))
    app.extensions["identify"] = _identify
    limits.install(app, config)
    guard.install(app)
    pages.install(app)


def _bring_cart(app: Flask, user: identity.User) -> None:
    """What somebody put into the cart before signing in comes along."""
    if "shopper" not in user.actor.roles:
        return
    visitor = session.get("visitor")
    account = user.account.id
    session["cart_count"] = cart.adopt(visitor, account) if visitor else cart.count(cart.owner_of(user.actor))


def _identify() -> Actor:
    """The actor of this request. Without a session cookie nobody is asked for."""
    if "_user_id" not in session:
        return ANONYMOUS
    user = current_user
    if not user.is_authenticated:
        return ANONYMOUS
    g.zone = user.account.zone
    sessions.touch(user.session)
    return user.actor  # type: ignore[no-any-return]


def _answers(check: Any) -> bool:
    try:
        check()
    except Exception:
        return False
    return True


def _ping(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
