"""ISO/IEC 27001:2022, the controls of Annex A that software can speak for, and a few that only people can."""

from daigou.core.i18n import lazy

from .form import Standard, point

STANDARD = Standard(
    "iso_27001",
    lazy("ISO/IEC 27001, part of Annex A"),
    "2022",
    12,
    (
        point("A.5.3", lazy("Duties that conflict are given to different people."), "proposals"),
        point("A.5.7", lazy("News of threats is gathered and used."), "scan_advisories"),
        point("A.5.15", lazy("Who may do what is written down and enforced."), "denied"),
        point(
            "A.5.18",
            lazy("Rights are given, reviewed and taken away in an orderly way."),
            "role_changes",
            "staff_suspended",
        ),
        point("A.5.24", lazy("There is a plan for incidents, with names.")),
        point("A.5.28", lazy("Evidence is gathered so that it holds."), "log_signed", "exports"),
        point(
            "A.5.33", lazy("Records are kept from loss, change and unauthorised reading."), "log_signed", "orders_kept"
        ),
        point("A.5.34", lazy("Personal data is protected as the law asks."), "sealed_columns"),
        point("A.8.2", lazy("Rights beyond the ordinary are few and watched."), "staff"),
        point("A.8.5", lazy("Signing in is safe against guessing and theft."), "failed_sign_ins"),
        point(
            "A.8.8", lazy("Weaknesses of the parts we use are found and dealt with."), "scan_advisories", "scan_static"
        ),
        point("A.8.13", lazy("Backups are taken, kept apart and tried out."), "backups"),
        point("A.8.15", lazy("What happens is logged, and the log is safe."), "log_signed", "entries"),
        point("A.8.16", lazy("Odd behaviour is noticed and looked into."), "denied"),
        point("A.8.20", lazy("Networks and what passes through them are protected."), "scan_tls"),
        point("A.8.24", lazy("Encryption and its keys are managed."), "sealed_columns", "scan_tls"),
        point("A.8.28", lazy("Code is written and checked with security in mind."), "scan_static"),
    ),
)
