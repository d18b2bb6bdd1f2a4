"""A throwaway application around the templates, without the real core: for tests, and to look at pages.

python -m tests.design.harness 8099        serves /design
"""

import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from babel.dates import format_datetime
from babel.numbers import format_currency
from flask import Flask, render_template, request
from jinja2 import StrictUndefined

ROOT = Path(__file__).resolve().parents[2]
NAV = [
    ("Market", "/design", True),
    ("Ask for an item", "#", False),
    ("Orders", "#", False),
    ("Parcels", "#", False),
    ("Messages", "#", False),
]


def example_ui(**more):
    locale = request.args.get("lang", "en")
    plain = {
        "locale": locale,
        "locale_label": "English",
        "dir": request.args.get("dir", "ltr"),
        "currency": "EUR",
        "sandbox": True,
        "locales": [("en", "English"), ("zh_Hans", "简体中文"), ("ar", "العربية")],
        "currencies": [("EUR", "€ EUR"), ("JPY", "¥ JPY")],
        "theme": request.args.get("theme", "auto"),
        "nav": NAV,
        "actor": SimpleNamespace(name="Mara", roles=("shopper",)),
        "account": [("Your details", "#"), ("Addresses", "#")],
        "cart_url": "/cart",
        "cart_count": 2,
    }
    return SimpleNamespace(
        **{
            **dict.fromkeys(
                ("footer", "search_url", "preferences_url", "sign_in_url", "sign_out_url", "checkpoint_url")
            ),
            **plain,
            **more,
        }
    )


def create(strict=False, **ui):
    app = Flask(
        "harness",
        template_folder=str(ROOT / "blueprints/templates"),
        static_folder=str(ROOT / "blueprints/static"),
        static_url_path="/static",
    )
    app.secret_key = "harness"
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(lambda s: s, lambda one, many, n: one if n == 1 else many, newstyle=True)
    if strict:
        app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        kept=lambda *key, caller: caller(),
        static=lambda path: f"/static/{path}",
        csp_nonce=lambda: "n0nce",
        csrf_token=lambda: "token",
        new_once=lambda: "once-1",
    )
    app.jinja_env.filters["money"] = lambda m: format_currency(m.decimal, m.currency, locale="en")
    app.jinja_env.filters["moment"] = lambda at: (
        format_datetime(at, "d MMM y, HH:mm", locale="en") if isinstance(at, datetime) else at
    )
    app.context_processor(lambda: {"ui": example_ui(**ui)})

    from blueprints.design import bp

    app.register_blueprint(bp)

    @app.get("/error/<int:code>")
    def error(code):
        return render_template(f"errors/{code}.html", request_id="01J9-7Q2", reason=None)

    return app


if __name__ == "__main__":
    create().run(port=int(sys.argv[1]), threaded=True)
