"""The words of tiers and checks, for letters and pages alike."""

from __future__ import annotations

from daigou.core.i18n import lazy

TIERS = {"basic": lazy("Basic"), "verified": lazy("Verified"), "advanced": lazy("Advanced")}
REFUSALS = {
    "document_expired": lazy("Your document has expired. Try again with a valid one."),
    "document_fake": lazy("The document could not be confirmed as genuine. Try again in good light, or send photos."),
    "document_unreadable": lazy("The document could not be read. Try again with a passport or an identity card."),
    "selfie_mismatch": lazy("The face did not match the document’s photo. Try again in good light."),
    "name": lazy("The document shows another name than the one you gave. Begin again with the name on the document."),
    "country": lazy("Documents of this country can’t be checked there. Send photos instead."),
    "abandoned": lazy("The check was not finished."),
    "declined": lazy("The check was declined on the provider’s page. Send photos instead, if you like."),
    "officer": lazy("An officer could not accept the photos."),
    "other": lazy("The check did not work. Try again, or send photos instead."),
}
REASONS = {
    "paid_orders": lazy("Orders paid"),
    "age": lazy("Quarters since you joined"),
    "expired_orders": lazy("Orders left unpaid"),
    "refunds": lazy("Refunds beyond one order in four"),
    "refunds_declined": lazy("Return requests that were declined"),
    "lost_disputes": lazy("Payments charged back"),
}
BANDS = {
    "guarded": lazy("guarded"), "careful": lazy("careful"), "usual": lazy("usual"), "trusted": lazy("trusted"),
}  # fmt: skip
CHECK_STATES = {
    "intended": (lazy("begun"), "info"),
    "pending": (lazy("under way"), "info"),
    "requires_input": (lazy("needs another try"), "warning"),
    "in_review": (lazy("with an officer"), "info"),
    "verified": (lazy("passed"), "success"),
    "refused": (lazy("not passed"), "error"),
    "cancelled": (lazy("given up"), ""),
}
RESULTS = {"clear": lazy("Nothing against them"), "caution": lazy("Caution"), "adverse": lazy("Adverse")}
