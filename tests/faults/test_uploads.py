"""A web process dies in the middle of an upload: its row and its bytes are both there in the end, or neither is."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from compliance.privacy import leftovers
from daigou.core import clock
from daigou.core.db import db
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from tests.orders.test_buying import picture, purchase

from .points import FAMILIES

DYING = FAMILIES["uploading"]


def kept():
    return set(filter(lambda key: key.startswith("files/"), documents.storage().keys()))


def named():
    return set(db.session.scalars(select(StoredFile.storage_key).where(StoredFile.deleted_at.is_(None))))


@pytest.mark.everyday
def test_an_upload_is_kept_whole_or_not_at_all(shop):
    """The merchant's connection breaks each time. The page, asked again, shows the form until it was kept."""
    life = shop.order().paid()
    shop.points.arm(*DYING)
    shop.clicks("upload", lambda: upload(shop.seller, life))
    shop.until("it is bought", lambda: life.state() == "purchased")
    assert shop.points.missed(*DYING) == []
    (file,) = shop.ask(lambda: documents.files_about(life.row().stream, "receipt"))
    assert documents.read(file)
    assert shop.ask(named) <= kept(), "a row without its bytes"
    assert len(kept() - shop.ask(named)) == 2, "killed before the commit, twice"
    with clock.use(clock.FixedClock(clock.now() + 2 * leftovers.WRITTEN)):
        assert shop.ask(leftovers.sweep) == 2
    assert kept() == shop.ask(named)


def upload(seller, life):
    seller.open(f"/merchant/orders/{life.item}")
    if seller.has_form(r"/purchase$"):
        typed = {name: value for name, value in purchase().items() if name not in ("once", "receipt")}
        seller.send(r"/purchase$", typed, {"receipt": ("receipt.png", picture(), "image/png")})
    return seller.response


def test_a_body_that_is_only_half_there_leaves_nothing(shop):
    life, before = shop.order().paid(), kept()
    shop.seller.open(f"/merchant/orders/{life.item}")
    form = shop.seller.form(r"/purchase$")
    request = httpx.Request("POST", form.action, data=form.values, files={"receipt": ("receipt.png", picture() * 50)})
    with socket.create_connection((urlsplit(form.action).hostname, urlsplit(form.action).port), timeout=5) as line:
        head = [f"POST {urlsplit(form.action).path} HTTP/1.1", *(f"{k}: {v}" for k, v in request.headers.items())]
        cookies = "; ".join(f"{name}={value}" for name, value in shop.seller.client.cookies.items())
        line.sendall("\r\n".join([*head, f"Cookie: {cookies}", "", ""]).encode() + request.read()[:2000])
        shop.servers.kill("web")
    shop.until("the web answers", shop.web_answers)
    assert (life.state(), kept()) == ("paid", before)
    shop.clicks("upload", lambda: upload(shop.seller, life))
    shop.until("it is bought", lambda: life.state() == "purchased")
