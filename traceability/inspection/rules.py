"""Pure rules of inspections: what is looked at, and what a verdict needs."""

from daigou.core.states import Machine, move

INSPECTION = Machine(
    "inspection",
    "open",
    move("conclude", "open", "concluded", "item.inspect"),
)

PHOTOS_NEEDED = 3

VERDICTS = ("conformant", "non_conformant", "damaged")  # EPCIS dispositions (CBV 2.0)
