"""Pure rules of qualification."""

from daigou.core.states import Machine, move

APPLICATION = Machine(
    "application",
    "draft",
    move("submit", "draft more_information", "submitted", "application.edit"),
    move("take", "submitted", "in_review", "application.review"),
    move("ask", "in_review", "more_information", "application.review"),
    move("approve", "in_review", "approved", "application.review"),
    move("reject", "in_review", "rejected", "application.review"),
    move("withdraw", "draft submitted in_review more_information", "withdrawn", "application.edit"),
)

PAPER = Machine(
    "paper",
    "uploaded",
    move("accept", "uploaded", "accepted", "application.review"),
    move("refuse", "uploaded accepted", "refused", "application.review"),
    move("replace", "uploaded refused", "replaced", "application.edit"),
)
