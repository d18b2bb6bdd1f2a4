"""Pure rules of parcels."""

from daigou.core.states import Machine, move

# The parcel's states that a carrier's event may lead to, in order: a late event never moves one backwards.
PROGRESS = ("shipped", "in_transit", "customs", "customs_released", "out_for_delivery", "delivered")

PARCEL = Machine(
    "parcel",
    "draft",
    move("submit", "draft", "freight_pending", "parcel.edit"),
    move("pay", "freight_pending", "freight_paid", "parcel.bill"),
    move("reopen", "freight_pending", "draft", "parcel.bill"),
    move("pack", "freight_paid", "packed", "parcel.pack"),
    move("ship", "packed", "shipped", "parcel.ship"),
    move("travel", "shipped", "in_transit", "parcel.track"),
    move("enter_customs", "shipped in_transit", "customs", "parcel.track"),
    move("clear_customs", "shipped in_transit customs", "customs_released", "parcel.track"),
    move("go_out", "shipped in_transit customs customs_released", "out_for_delivery", "parcel.track"),
    move("deliver", "shipped in_transit customs customs_released out_for_delivery", "delivered", "parcel.track"),
    move("confirm", "delivered", "completed", "parcel.confirm"),
    move("cancel", "draft freight_pending freight_paid", "cancelled", "parcel.cancel"),
    # what goes wrong on the way; a person takes it from there
    move("turn_back", "shipped in_transit customs customs_released out_for_delivery", "returned", "parcel.track"),
    move("lose", "shipped in_transit customs customs_released out_for_delivery", "lost", "parcel.track"),
    move("damage", "shipped in_transit customs customs_released out_for_delivery", "damaged", "parcel.track"),
    move("seize", "shipped in_transit customs", "seized", "parcel.track"),
)
