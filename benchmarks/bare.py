"""The bare limits: Flask and the database driver alone, doing the least that the work asks for.

No people, no languages, no permissions, no forms. Listing and item read the very rows that ours reads, through
SQLAlchemy Core; an order is nine plain statements and one commit through psycopg, in plain tables of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import uuid
from typing import Any

import psycopg
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import column, create_engine, select, table

URL = os.environ["DATABASE_URL"]


# As heavy as one of our cards, drawn without macros, words or addresses.
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Listings</title><link rel="stylesheet" href="/static/css/base.css"></head>
<body>
<main class="main wrap" id="main"><div class="grid grid-cards">
{% for item in items %}<article class="card">
  <div class="card-picture"><img src="/files/{{ item.photos[0] }}" alt=""
    width="480" height="480" decoding="async" loading="lazy"></div>
  <div class="card-body">
    <h3 class="card-title"><a href="/items/{{ item.ref }}"><bdi>{{ item.title }}</bdi></a></h3>
    <p class="card-price"><span class="price">{{ item.currency }} {{ item.price_minor }}</span>
      <span class="price-was">{{ item.price_minor }}</span></p>
    <p class="card-by"><svg class="seal" role="img" aria-label="Verified merchant">
      <use href="/static/seals.svg?v=0123456789ab#verified"/></svg><bdi>{{ item.name }}</bdi></p>
    <p class="small faint">{{ item.condition }}</p>
  </div>
</article>
{% endfor %}</div></main>
</body>
</html>
"""
ITEM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ item.title }}</title></head>
<body><main><h1>{{ item.title }}</h1><p>{{ item.currency }} {{ item.price_minor }}</p><p>{{ item.name }}</p>
<p>{{ item.description }}</p></main></body></html>
"""

app = Flask(__name__)
engine = create_engine(URL.replace("postgresql:", "postgresql+psycopg:"), pool_size=16)
page, item_page = app.jinja_env.from_string(PAGE), app.jinja_env.from_string(ITEM)  # compiled once
mine = threading.local()

_LISTINGS = table(
    "listings",
    *map(column, ("ref", "merchant_id", "title", "description", "price_minor", "currency", "photos", "condition",
                  "published_no", "state", "category")),
)  # fmt: skip
_MERCHANTS = table("merchants", column("id"), column("name"))
_L, _M = _LISTINGS.c, _MERCHANTS.c
_SHOWN = select(_L.ref, _L.title, _L.price_minor, _L.currency, _L.photos, _L.condition, _M.name).join(
    _MERCHANTS, _M.id == _L.merchant_id
)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/listing")
def listing() -> str:
    """48 cards from one SELECT."""
    statement = _SHOWN.where(_L.state == "active").order_by(_L.published_no.desc()).limit(48)
    if older := request.args.get("older", type=int):
        statement = statement.where(_L.published_no < older)
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    return page.render(items=rows)


@app.get("/items/<ref>")
def item(ref: str) -> str:
    statement = _SHOWN.add_columns(_L.description).where(_L.ref == ref)
    with engine.connect() as connection:
        row = connection.execute(statement).one()
    return item_page.render(item=row)


@app.post("/orders")
def order() -> ResponseReturnValue:
    place(link(), request.form["listing"])
    return redirect("/orders", 303)


@app.post("/webhooks")
def webhook() -> dict[str, bool]:
    """The event's number, once."""
    event = json.loads(request.get_data())
    with link().transaction():
        kept = link().execute(
            "INSERT INTO bare.inbox (event_id, kind, object_id) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (event["id"], event["type"], event["data"]["object"]["id"]),
        )
        return {"received": True, "repeated": kept.fetchone() is None}


def link() -> psycopg.Connection[Any]:
    if not hasattr(mine, "link"):
        mine.link = psycopg.connect(URL)
    found: psycopg.Connection[Any] = mine.link
    return found


def place(connection: psycopg.Connection[Any], ref: str) -> None:
    """Stock, order, line, two postings, two balances, the chain's head and its next row: nine statements."""
    number = uuid.uuid4()
    upsert = "INSERT INTO bare.balances AS b VALUES (%s, %s) ON CONFLICT (account) DO UPDATE"
    upsert += " SET balance = b.balance + excluded.balance"
    posting = "INSERT INTO bare.postings (order_id, account, amount) VALUES (%s, %s, %s)"
    clearing, escrow = f"clearing:{connection.info.backend_pid}", f"escrow:{ref}"
    with connection.transaction():
        run = connection.execute
        taken = run("UPDATE bare.stock SET stock = stock - 1 WHERE ref = %s AND stock > 0 RETURNING price", (ref,))
        price = (taken.fetchone() or (0,))[0]
        run("INSERT INTO bare.orders (id, total) VALUES (%s, %s)", (number, price))
        run("INSERT INTO bare.lines VALUES (%s, %s, %s, %s)", (uuid.uuid4(), number, ref, price))
        run(posting, (number, clearing, price))
        run(posting, (number, escrow, -price))
        run(upsert, (clearing, price))
        run(upsert, (escrow, -price))
        head = run("SELECT no, hash FROM bare.audit WHERE stream = %s ORDER BY no DESC LIMIT 1", (ref,)).fetchone()
        no, previous = head or (0, b"")
        body = f"order:created {number} {price}"
        digest = hashlib.sha256(previous + body.encode()).digest()
        run("INSERT INTO bare.audit VALUES (%s, %s, %s, %s)", (ref, no + 1, body, digest))
