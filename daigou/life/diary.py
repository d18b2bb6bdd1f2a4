"""Which scenes have begun. A scene is begun once: one that a stop cut short stays as it stood, as in life."""

from __future__ import annotations

import json
from pathlib import Path

from daigou.embedded.home import write_private


class Diary:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.begun: list[str] = json.loads(file.read_text()) if file.exists() else []

    def begin(self, scene: str) -> bool:
        """False when it has begun before. Written before the scene, so that nothing is ever done twice."""
        if scene in self.begun:
            return False
        self.begun.append(scene)
        write_private(self.file, json.dumps(self.begun, indent=1))
        return True
