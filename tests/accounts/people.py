"""What tests do as people: sign up, open mails, sign in."""

import re
import secrets

from sqlalchemy import select

from daigou.accounts import directory
from daigou.core.db import db
from daigou.notices.models import Notice

PASSWORD = "copper walrus paints umbrellas"


def fresh_email():
    return f"{secrets.token_hex(6)}@example.test"


def sign_up(client, email, **changes):
    form = {
        "name": "Mara Vogel", "email": email, "password": PASSWORD, "country": "DE", "language": "en",
        "once": secrets.token_urlsafe(18), **changes,
    }  # fmt: skip
    return client.post("/sign-up", data=form)


def mails(email):
    account = directory.by_email(email)
    rows = db.session.execute(select(Notice).filter_by(account_id=account.id).order_by(Notice.id)).scalars()
    return [row.content | {"kind": row.kind} for row in rows]


def link(email, kind):
    return [mail["url"] for mail in mails(email) if mail["kind"] == kind][-1]


def joined(client, email=None, **changes):
    """Somebody who has signed up and confirmed."""
    email = email or fresh_email()
    sign_up(client, email, **changes)
    client.post(link(email, "account.confirm"))
    return directory.by_email(email)


def sign_in(client, email, password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))
