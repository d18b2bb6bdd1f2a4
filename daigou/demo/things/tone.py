"""The colours of one picture, and the dice that vary it."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Tone:
    ground: str
    disc: str
    main: str
    second: str
    accent: str
    dice: random.Random
