"""Regulation (EU) 2016/679, art. 30 and what a register of processing must be able to show."""

from daigou.core.i18n import lazy

from .form import Standard, point

STANDARD = Standard(
    "gdpr_30",
    lazy("GDPR, register of processing (art. 30)"),
    "2016/679",
    12,
    (
        point("30(1)(a)", lazy("Who is responsible, and how to reach them, is written down.")),
        point(
            "30(1)(b)", lazy("What personal data is used for is written down for each kind of it."), "sealed_columns"
        ),
        point("30(1)(c)", lazy("Whose data it is, and of which kinds, is written down."), "sealed_columns"),
        point("30(1)(d)", lazy("Who receives it is written down: carriers, customs, providers.")),
        point("30(1)(e)", lazy("Where it leaves the Union, the safeguard is written down.")),
        point("30(1)(f)", lazy("How long each kind is kept is written down and kept to."), "retention"),
        point("30(1)(g)", lazy("What protects it is written down."), "sealed_columns", "scan_tls"),
        point("15-20", lazy("Requests of people are answered within a month."), "privacy_requests"),
        point("17", lazy("What must be erased is erased for good, backups included."), "privacy_requests"),
        point("33", lazy("A leak is reported within 72 hours."), "breaches"),
        point("35", lazy("Where the risk is high, its effects were assessed before.")),
    ),
)
