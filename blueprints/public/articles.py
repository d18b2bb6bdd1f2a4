"""The knowledge base: short articles as data, each with what to do. Figures come from the rules themselves."""

from __future__ import annotations

from dataclasses import dataclass

from daigou.core.i18n import lazy


@dataclass(frozen=True, slots=True)
class Article:
    """``parts`` are paragraphs; ``links`` are (words, address) of where to go on."""

    title: object
    lead: object
    parts: tuple[object, ...]
    links: tuple[tuple[object, str], ...] = ()


ARTICLES = {
    "first-order": Article(
        lazy("Your first order"),
        lazy("What happens between paying and unpacking."),
        (
            lazy("You pay once for the goods. The money is held; the merchant buys with its own."),
            lazy("The item comes to our warehouse, is inspected by people who earn nothing from it, and photographed."),
            lazy("You accept it or send it back. Then you choose how it travels, and see freight, duty and tax first."),
            lazy("When you confirm that it arrived, the merchant is paid."),
        ),
        ((lazy("How it works"), "/how-it-works"), (lazy("Fees"), "/fees")),
    ),
    "spot-fakes": Article(
        lazy("How fakes are found"),
        lazy("What to look at in a listing, and what we look at."),
        (
            lazy("Look for photos of the serial number, the seams and the box. Five photos are the least we take."),
            lazy("A price far below what others ask is no luck: an officer sees such listings before anybody else."),
            lazy("Our inspectors compare maker’s marks, weight and print. A fake never leaves our warehouse for you."),
            lazy("Shops are tested: we buy from them without saying so, and have the goods examined."),
        ),
        ((lazy("How you are protected"), "/protection"),),
    ),
    "stay-here": Article(
        lazy("Why you should never pay elsewhere"),
        lazy("Who asks for it wants to be out of reach."),
        (
            lazy("What you pay here is held in books of its own, and goes back when the item is not right."),
            lazy("What you pay elsewhere is gone: no return, no dispute, no proof."),
            lazy("Messages that speak of other ways to pay or to talk are marked. Show them to us with one press."),
        ),
        ((lazy("Write to us"), "/help/ask?topic=complaint"),),
    ),
    "customs": Article(
        lazy("Customs, duty and tax"),
        lazy("Who pays what, and when you know it."),
        (
            lazy("Before you pay the freight you see an assessment by the rules of your country, with their sources."),
            lazy("With duty paid at checkout we pay what customs asks beyond it. On arrival, you pay the authority."),
            lazy("We declare what was paid. A lower value on the papers is refused, for everybody’s sake."),
        ),
        ((lazy("Fees"), "/fees"),),
    ),
    "accounts": Article(
        lazy("Keep your account yours"),
        lazy("Five minutes that save an order."),
        (
            lazy("Use a passkey or a code app as a second step. A password alone can be guessed or stolen."),
            lazy("We never ask for your password, a code or a card number in a message or on the phone."),
            lazy("When a sign-in is new to us, you get a mail with a link that locks everything."),
        ),
        ((lazy("Security"), "/account/security"),),
    ),
    "instalments": Article(
        lazy("Paying in instalments"),
        lazy("Whom you owe, and what happens when something goes back."),
        (
            lazy("The lender checks your credit and pays us at once. Your protection here is the same."),
            lazy("When you get money back, it goes to the lender, and your instalments fall."),
        ),
        ((lazy("How you are protected"), "/protection"),),
    ),
}  # fmt: skip
