"""PCI DSS v4.0.1, self-assessment questionnaire A: merchants that leave all card data to a hosted page."""

from daigou.core.i18n import lazy

from .form import Standard, point

STANDARD = Standard(
    "pci_saq_a",
    lazy("PCI DSS, questionnaire A (card data only at the provider)"),
    "4.0.1",
    12,
    (
        point("2.2.2", lazy("No account uses a password that came with the software."), "staff"),
        point("3.1", lazy("No card number is stored, neither electronically nor on paper."), "card_columns"),
        point("6.3.1", lazy("Known weaknesses of the parts we use are looked for and ranked."), "scan_advisories"),
        point("6.3.3", lazy("Security updates of high weight are in place within a month."), "scan_advisories"),
        point(
            "6.4.3",
            lazy("Scripts on pages that lead to payment are allowed one by one and kept whole."),
            "scan_headers",
        ),
        point("8.2.1", lazy("Everybody who works here has an account of their own."), "staff"),
        point("8.2.5", lazy("Accounts of people who left are shut at once."), "staff_suspended"),
        point("8.3.1", lazy("Staff prove who they are with more than a name."), "staff", "failed_sign_ins"),
        point("8.3.6", lazy("Passwords are long enough and not common ones.")),
        point("9.4.1", lazy("Paper with card data, should there be any, is locked away and destroyed.")),
        point(
            "11.3.2",
            lazy("The site is scanned from outside each quarter by an approved vendor."),
            "scan_tls",
            "scan_headers",
        ),
        point("11.6.1", lazy("Changes of the payment page’s headers and scripts are noticed."), "scan_headers"),
        point("12.8.2", lazy("There are written agreements with the providers that handle card data.")),
        point("12.8.4", lazy("The providers’ own attestations are looked at each year.")),
        point("12.10.1", lazy("There is a plan for the day card data leaks, and people know it.")),
    ),
)
