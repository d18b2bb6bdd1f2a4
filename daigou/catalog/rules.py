"""Pure rules of listings."""

from daigou.core.states import Machine, move

LISTING = Machine(
    "listing",
    "draft",
    move("publish", "draft paused", "active", "listing.edit"),
    move("pause", "active", "paused", "listing.pause"),
    move("end", "draft active paused", "ended", "listing.edit"),
)

CATEGORIES = ("figures", "stationery")  # two, in full depth; the others come with their own issue

# S20: the scale, worst last.
CONDITIONS = ("new", "like_new", "good", "fair")
