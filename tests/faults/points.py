"""The named points of the code where a process may die, and in which life each of them is died at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("daigou", "compliance", "traceability", "blueprints")

AROUND = ("before_commit", "after_commit")
CALL = ("before_call", "after_effect")


def around(*steps: str) -> list[str]:
    return [f"{step}.{part}" for step in steps for part in AROUND]


def call(name: str) -> list[str]:
    return [f"{name}.{part}" for part in CALL]


# One life passes all the points of its family.
FAMILIES: dict[str, list[str]] = {
    "ordering": around("order"),
    "paying": [
        *around("pay.intend"), *call("pay"), *around("pay.open"),
        *around("webhook.receive"), *call("webhook"), *around("webhook.apply", "escrow"),
    ],
    "refunding": [*around("refund.promise", "refund.begin"), *call("refund"), *around("refund.apply")],
    "releasing": [
        *around("release.decide", "release.bundle", "release.begin"), *call("release"), *around("release.apply"),
    ],
    "taking back": [*around("recourse.take_back"), *call("recourse"), *around("recourse.apply")],
    "a bank’s case": around("dispute.apply"),
    "answering a bank": [
        *around("dispute.answer"), "dispute.uploaded", *call("dispute"), *around("dispute.apply"),
    ],
    "bank files": around("bank.propose", "bank.approve", "bank.import"),
    "opening an account": [*around("onboard.intend"), *call("onboard"), *around("onboard.open", "onboard.apply")],
    "uploading": ["document.kept", *around("document.store")],
    "sending a parcel": ["ship.announced", *around("ship.announce"), *call("ship"), *around("ship.settle")],
    "exporting": [*around("export.begin"), "export.after_effect", *around("export.finish")],
    "erasing": [*around("erasure.begin"), "erasure.after_effect", *around("erasure.finish")],
    "restoring": ["restore.keys", "restore.tombstones", "restore.database", "restore.file"],
}  # fmt: skip


class Points:
    """Where the processes of a running stack look whether they shall die."""

    def __init__(self, folder: Path, tried) -> None:
        self.folder, self.tried = folder, tried
        folder.mkdir(mode=0o700)

    def arm(self, *names: str, what: str = "kill") -> None:
        for name in names:
            (self.folder / name).write_text(what)
            self.tried.note(f"{what} at a point")

    def missed(self, *names: str) -> list[str]:
        """Those at which nobody has died."""
        return [name for name in names if not any(self.folder.glob(f"{name}.taken-*"))]

    def disarm(self) -> None:
        for left in self.folder.iterdir():
            left.unlink()


def in_the_code() -> set[str]:
    """Every point that the code names. Raises ValueError for one that is not named by a plain word."""
    found: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if "faults." in (source := path.read_text()):
                found.update(_points_of(ast.parse(source), path))
    return found


def _points_of(tree: ast.AST, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="faults"), attr="point" | "step" as kind), args=[name]):
                if not isinstance(name, ast.Constant):
                    raise ValueError(f"{path}: a point must be named by a plain word")
                yield from around(name.value) if kind == "step" else [name.value]
