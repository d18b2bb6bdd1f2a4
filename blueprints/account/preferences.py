"""Language, currency and theme: cookies for display only, so no session is needed."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from blueprints.local import local_path
from blueprints.pages import locales
from daigou.pricing.rules import CURRENCIES

from . import bp
from .entering import set_preference

THEMES = ("auto", "light", "dark")


@bp.get("/preferences")
@guarded("public.view")
def preferences() -> ResponseReturnValue:
    response = redirect(local_path(request.args.get("next")), 303)
    for name, known in (("locale", locales()), ("currency", CURRENCIES), ("theme", THEMES)):
        value = request.args.get(name, "")
        if value in known:
            set_preference(response, name, value)
    return response
