"""Pure rules of the log's own things."""

from daigou.core.states import Machine, move

EXPORT = Machine(
    "export",
    "requested",
    move("build", "requested failed", "building", "export.build"),
    move("finish", "building", "ready", "export.build"),
    move("fail", "requested building", "failed", "export.build"),
)
