"""Where connected accounts can be, and between which countries money can be transferred."""

from daigou.sandbox.words import words

EEA = words("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE IS")
# Countries in which Stripe opens accounts at all (docs.stripe.com/global).
SUPPORTED = EEA | words("AU BR CA CH GB GI HK IN JP MX MY NZ SG TH AE US")
# Self-serve cross-border transfers: any two of these (docs.stripe.com/connect/cross-border-payouts).
_CROSS_BORDER = EEA | frozenset(("US", "GB", "CA", "CH"))
CROSS_BORDER_DELAY = 86400


def pair_allowed(source: str, target: str) -> bool:
    """Domestic always; across borders only inside the self-serve group."""
    return source == target or {source, target} <= _CROSS_BORDER
