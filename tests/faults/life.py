"""One shopper's one order, clicked through by people who go on clicking whatever happens."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
from sqlalchemy import select, text

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.orders.models import Bill, Order, OrderItem
from daigou.shipping.models import Parcel, ParcelItem
from daigou.warehouse.receiving import home
from tests import factories
from tests.warehouse import bench

from .people import csrf


class Life:
    """One shopper's one order: each step is clicked until it is answered, and then waited for."""

    def __init__(self, shop, account, listing, merchant=None) -> None:
        self.shop, self.account, self.merchant = shop, account, merchant or shop.merchant
        self.quote = factories.quote(account, listing)
        self.browser = shop.browser(account)
        self.ref = self.bill = self.item = ""

    def place(self) -> Life:
        """From the quote's page to the order's."""
        address = f"{self.shop.whole.base_url}/quotes/{self.quote.ref}"

        def click():
            page = self.browser.client.get(address)
            if page.status_code >= 500 or f"{self.quote.ref}/order" not in page.text:
                return page if page.status_code >= 500 else self.found()
            self.browser._show(page, page.status_code)
            self.browser.submit(self.browser.form(r"/order$"), status=200)
            return self.browser.response

        answer = self.shop.clicks("order", click)
        self.ref = urlsplit(str(answer.url)).path.rsplit("/", 1)[-1]
        self.shop.promised("orders", "ref", self.ref)
        self.bill, self.item = self.shop.until(f"{self.ref} is there", self.rows)
        return self

    def found(self):
        """The quote was accepted before: the answer got lost, the order did not."""
        key = self.quote.id
        order = self.shop.ask(lambda: db.session.execute(select(Order).filter_by(quote_id=key)).scalar_one())
        return self.browser.client.get(f"{self.shop.whole.base_url}/orders/{order.ref}")

    def rows(self):
        order = db.session.execute(select(Order).filter_by(ref=self.ref)).scalar_one()
        bill = db.session.execute(select(Bill).filter_by(order_id=order.id, kind="goods")).scalar_one()
        item = db.session.execute(select(OrderItem).filter_by(order_id=order.id)).scalar_one()
        return bill.ref, item.ref

    def to_the_page(self, **typed) -> str:
        """The address of the hosted page."""
        answer = self.shop.clicks("pay", lambda: self.click_to_pay(**typed))
        assert answer.status_code == 303, answer.text[:500]
        self.page = answer.headers["location"]
        self.shop.promised("payment_attempts", "url", self.page)
        return self.page

    def click_to_pay(self, **typed) -> httpx.Response:
        bill = f"{self.shop.whole.base_url}/bills/{self.bill}"
        page = self.browser.client.get(bill)
        if page.status_code != 200:
            return page
        self.browser._show(page, 200)
        form = self.browser.form(r"/pay$")
        assert all(form.fill(name, value) for name, value in typed.items())
        return self.browser.client.post(
            form.action, data=form.values, headers={"Referer": bill}, follow_redirects=False
        )

    def pay_from_balance(self) -> None:
        """All of it, so that no provider is asked."""

        def click():
            self.browser.open(f"/bills/{self.bill}")
            if self.browser.has_form(r"/pay$"):
                self.browser.send(r"/pay$", {"balance": "1"})
            return self.browser.response

        self.shop.clicks("pay from the balance", click)

    def pay(self, outcome: str = "succeed", **typed) -> Life:
        """At the provider; that we hear of it is its webhooks' work."""
        page = self.to_the_page(**typed)
        sent = []

        def click():
            sent.append(page)
            return httpx.post(page, data={"outcome": outcome})

        answer = self.shop.clicks("pay there", click)
        assert answer.status_code == 303 or len(sent) > 1, answer.text[:500]  # the first one's answer may have got lost
        return self

    def is_paid(self) -> bool:
        return self.state() == "paid"

    def state(self) -> str:
        return db.session.execute(select(OrderItem.state).filter_by(ref=self.item)).scalar_one()

    def paid(self) -> Life:
        self.place().pay()
        self.shop.until(f"{self.item} is paid", self.is_paid)
        return self

    def charge(self) -> str:
        """What the provider knows the payment as."""
        return self.attempt("charge_id")

    def attempt(self, column: str) -> str:
        """Of the payment that went through."""
        query = text(f"SELECT {column} FROM payment_attempts WHERE order_ref = :ref AND state = 'succeeded'")
        return db.session.execute(query, {"ref": self.ref}).scalar_one()

    def row(self) -> OrderItem:
        return db.session.execute(select(OrderItem).filter_by(ref=self.item)).scalar_one()

    # ---- back

    def not_bought(self) -> Life:
        """The merchant could not get it: everything goes back."""
        seller, page = self.shop.seller, f"{self.shop.whole.base_url}/merchant/orders/{self.item}"

        def click():
            shown = seller.client.get(page)
            if shown.status_code != 200 or f"{self.item}/fail" not in shown.text:
                return shown
            token = csrf(seller, page)
            return seller.client.post(f"{page}/fail", data={"csrf_token": token, "reason": "sold_out"})

        self.shop.clicks("not bought", click)
        return self

    def is_refunded(self) -> bool:
        return self._state_in("refunds") == "succeeded"

    def refunded(self) -> Life:
        self.not_bought()
        self.shop.until(f"{self.item} is refunded", self.is_refunded)
        return self

    # ---- onwards

    def deliver(self) -> Life:
        """Everything between the purchase and the door, as the rooms would write it."""
        anybody = bench.anybody(self.account, self.merchant)
        with transaction() as session:
            item = load_locked(OrderItem, ref=self.item)
            for move in ("purchase", "receive", "inspect", "accept"):
                door.transition(anybody, item, move)
                session.flush()
            session.add(bench.unit(item, self.account))
            parcel = Parcel(
                ref=ids.new_ref("PCL"), account_id=self.account.id, subject=self.account.subject,
                warehouse_id=home().id, country="DE", address_id=bench.address(self.account).id, currency=item.currency,
            )  # fmt: skip
            door.created(anybody, parcel)
            session.flush()
            door.transition(anybody, item, "pack")
            session.add(ParcelItem(parcel_id=parcel.id, item_id=item.id))
            for move in ("submit", "pay", "pack", "ship", "deliver"):
                door.transition(system("test") if move not in ("submit", "pack") else anybody, parcel, move)
                session.flush()
            for move in ("ship", "deliver"):
                door.transition(system("test"), item, move)
                session.flush()
            parcel.shipped_at = parcel.delivered_at = item.delivered_at = clock.now()
        self.parcel = parcel.ref
        return self

    def confirm(self) -> Life:
        page = f"{self.shop.whole.base_url}/parcels/{self.parcel}"

        def click():
            shown = self.browser.client.get(page)
            if shown.status_code != 200 or f"{self.parcel}/confirm" not in shown.text:
                return shown
            self.browser._show(shown, 200)
            self.browser.submit(self.browser.form(r"/confirm$"), status=200)
            return self.browser.response

        self.shop.clicks("confirm", click)
        return self

    def is_released(self) -> bool:
        return self._state_in("releases") == "paid"

    def released(self) -> Life:
        self.confirm()
        self.shop.until(f"{self.item} is released", self.is_released)
        return self

    def _state_in(self, table: str):
        query = text(f"SELECT r.state FROM {table} r JOIN order_items i ON i.id = r.item_id WHERE i.ref = :ref")
        return db.session.execute(query, {"ref": self.item}).scalar()
