"""E-Commerce Law of the People's Republic of China (2019), and the trader duties of the DSA that match it."""

from daigou.core.i18n import lazy

from .form import Standard, point

STANDARD = Standard(
    "ecommerce_law",
    lazy("E-Commerce Law (China) and trader duties"),
    "2019",
    12,
    (
        point("10", lazy("Sellers are registered as businesses, or exempt, and we know which."), "merchants"),
        point("15", lazy("Licence and registration are shown where buyers see them."), "merchants"),
        point("17", lazy("Goods are described truly; made-up trades and reviews are refused.")),
        point("19", lazy("Nothing is bundled into an order without being chosen.")),
        point("21", lazy("Deposits are given back on plain terms.")),
        point(
            "27",
            lazy("Sellers’ identity, address and licence are checked and checked again."),
            "merchants",
            "applications",
        ),
        point("28", lazy("Sellers’ tax figures are reported where the law asks."), "merchants"),
        point("31", lazy("Goods and trade records are kept for three years at least."), "orders_kept"),
        point("32", lazy("The platform’s rules are public, and changes are announced."), "fee_rows"),
        point("38", lazy("Goods that endanger people are taken down."), "paused_listings"),
        point("53", lazy("Payments are safe, and wrong ones are put right."), "books_checked"),
        point("59", lazy("There is a way to complain, and complaints are answered."), "returns"),
        point("DSA 30", lazy("Traders can be traced: name, address, number, account."), "merchants", "applications"),
    ),
)
