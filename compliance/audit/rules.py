"""Pure rules of the log's own things."""

from daigou.core.states import Machine, move

EXPORT = Machine(
    "export",
    "requested",
    move("build", "requested failed", "building", "export.build"),
    move("finish", "building", "ready", "export.build"),
    move("fail", "requested building", "failed", "export.build"),
)

PROPOSAL = Machine(
    "proposal",
    "proposed",
    move("approve", "proposed", "approved", "proposal.decide"),
    move("decline", "proposed", "declined", "proposal.decide"),
    move("withdraw", "proposed", "withdrawn", "proposal.withdraw"),
    move("expire", "proposed", "expired", "proposal.expire"),
)
