"""The weeks' business, scene by scene. What a visitor should find standing in each state is begun here."""

from __future__ import annotations

from collections.abc import Callable

from daigou.journey.story import wait_until

from . import applying, buying, fulfilling, office, selling
from .company import Company
from .deals import Deal, inspected, paid_parcel, received, shipped

Scene = Callable[[Company], None]
PEN, FIGURE = "fountain-pen", "figure"


def payouts_are_set_up(company: Company) -> None:
    """On the provider's pages where it pays into that country, else with bank details for our own transfers."""
    for shop, account, bic in (
        ("hoshino", "0001234567", "BOTKJPJT"),
        ("hanbit", "110234567890", "SHBKKRSE"),
        ("yunque", "6222020200112233445", "ICBKCNBJ"),
    ):
        selling.set_up_payouts(company, shop, account, bic)


def a_pen_arrives_and_is_right(company: Company) -> None:
    """Begins to end: bought, inspected, sent, confirmed; the merchant is paid."""
    ref = shipped(company, Deal("shopper", "hoshino", "Music nib", PEN, "24900", "A-01-1"))
    buying.confirm(company["shopper"], ref)


def a_figure_waits_at_customs(company: Company) -> None:
    deal = Deal("shopper", "hoshino", "Moon Courier Rin", FIGURE, "18400", "A-01-2", "three_d_secure")
    ref = shipped(company, deal)
    company.steer(buying.tracking_code(company, "shopper", ref), "information_required")
    page = company["shopper"]
    wait_until("customs hold it", lambda: "Answer the customs office" in page.open(f"/parcels/{ref}").text)


def a_pen_is_on_its_way(company: Company) -> None:
    ref = shipped(company, Deal("shopper", "hoshino", "soft fine", PEN, "18200", "A-01-3", "paypal"))
    company.steer(buying.tracking_code(company, "shopper", ref), "under_way")


def a_figure_is_delivered(company: Company) -> None:
    """In the shopper's hands, not confirmed yet."""
    shipped(company, Deal("claire", "hanbit", "Bookshop Owner", FIGURE, "129000", "A-02-1"))


def a_parcel_waits_for_packing(company: Company) -> None:
    paid_parcel(company, Deal("youssef", "yunque", "Bamboo grip", PEN, "380", "A-02-2", "apple_pay"))


def an_item_waits_for_its_shopper(company: Company) -> None:
    inspected(company, Deal("shopper", "yunque", "Cloud Librarian", FIGURE, "1325", "A-02-3"))


def a_return_waits_for_a_ruling(company: Company) -> None:
    item = inspected(company, Deal("claire", "hoshino", "extra fine", PEN, "9800", "A-02-4"))
    page = f"/orders/items/{item}/return"
    story = {"reason": "damaged", "story": "In the photos the cap looks cracked near the clip. Please look again."}
    company["claire"].open(page).send(rf"{page}$", story)


def a_wrong_item_is_refunded(company: Company) -> None:
    """The inspection says so itself, so the rule decides and the money goes back."""
    fault = "Broad nib, where a fine one was ordered."
    deal = Deal("shopper", "hanbit", "Piston fountain pen", PEN, "87000", "A-03-1", "alipay", fault)
    item = inspected(company, deal)
    page = f"/orders/items/{item}/return"
    story = {"reason": "not_as_described", "story": "The nib is broad; I had ordered a fine one."}
    company["shopper"].open(page).send(rf"{page}$", story)


def an_item_waits_for_inspection(company: Company) -> None:
    received(company, Deal("youssef", "yunque", "Kite Maker", FIGURE, "710", "B-01-1", "google_pay"))


def an_item_is_on_its_way_to_us(company: Company) -> None:
    item = buying.buy(company["claire"], "Star Map Seller")
    fulfilling.purchase(company["hanbit"], item, "158000")


def items_wait_for_their_merchant(company: Company) -> None:
    buying.buy(company["shopper"], "Orchard Keeper")
    buying.buy(company["claire"], "fude nib", "klarna")


def a_payment_is_disputed(company: Company) -> None:
    buying.buy(company["claire"], "Pocket fountain pen", "dispute")


def requests_are_asked_and_answered(company: Company) -> None:
    ask = {"country": "JP", "quantity": "1", "wishes": "With its box, please."}
    shopper = company["shopper"].open("/sourcing")
    wish = {**ask, "url": "https://shop.example.jp/cameras/88", "title": "Rangefinder camera, black"}
    ref = buying.reference("SRC", shopper.send(r"/sourcing$", wish).path)
    company["hoshino"].open(f"/merchant/sourcing/{ref}")
    company["hoshino"].send(rf"/merchant/sourcing/{ref}/quote$", selling.camera_offer())
    wish = {**ask, "url": "https://shop.example.jp/tea/12", "title": "Tea tin, cherry bark", "quantity": "2"}
    company["youssef"].open("/sourcing").send(r"/sourcing$", wish)


def shoppers_and_shops_write(company: Company) -> None:
    """A question is answered, and another waits for support."""
    shopper = company["shopper"].open("/search?q=Lighthouse")
    item = shopper.open(shopper.link(r"^/items/LST-")).path
    page = f"{item}/question"
    thread = shopper.open(page).send(rf"{page}$", {"body": "Is the lamp removable, and does it come lit?"}).path
    answer = "It can be taken off. There is no bulb inside, the glow in the photo is paint."
    company["hoshino"].open(thread).send(rf"{thread}(\?|$)", {"body": answer})
    company["claire"].open("/help/ask").send(r"/help/ask$", {"body": "May two orders travel in one parcel?"})


def a_bill_a_quote_and_a_cart_stand_open(company: Company) -> None:
    buying.quote(company["youssef"], "Clock Mender")
    buying.order(company["shopper"], "Demonstrator")
    buying.put_in_cart(company["shopper"], "Night Bus")


def shops_ask_to_sell(company: Company) -> None:
    """One is let in, one is being looked at, one bears a name of the (invented) sanctions list."""
    office.import_list()
    applying.apply(company, applying.TSURU)
    applying.approve(company["officer"], applying.take(company["officer"], applying.TSURU))
    for who in (applying.KIKU, applying.LANTERN):
        applying.apply(company, who)
    applying.take(company["officer"], applying.KIKU)


def the_office_decides_in_twos(company: Company) -> None:
    office.approve(company, office.propose_rate(company, "SAR", "4.2833"))
    office.propose_rate(company, "TWD", "36.91")
    office.plan_audit(company)


def people_ask_about_their_data(company: Company) -> None:
    company["claire"].open("/account/privacy").send(r"/account/privacy/copies$")
    page = "/account/privacy/correction"
    words = {"words": "My name has an h: Martin, Claire, not Clare."}
    company["claire"].open(page).send(rf"{page}$", words)


def the_books_are_compared(company: Company) -> None:
    office.reconcile()


SCENES: tuple[Scene, ...] = (
    payouts_are_set_up,
    a_pen_arrives_and_is_right,
    a_figure_waits_at_customs,
    items_wait_for_their_merchant,
    an_item_waits_for_its_shopper,
    a_figure_is_delivered,
    a_return_waits_for_a_ruling,
    shops_ask_to_sell,
    a_payment_is_disputed,
    a_wrong_item_is_refunded,
    an_item_waits_for_inspection,
    an_item_is_on_its_way_to_us,
    a_parcel_waits_for_packing,
    a_pen_is_on_its_way,
    requests_are_asked_and_answered,
    the_office_decides_in_twos,
    people_ask_about_their_data,
    shoppers_and_shops_write,
    a_bill_a_quote_and_a_cart_stand_open,  # last: a cart stays full until it is ordered
    the_books_are_compared,
)
