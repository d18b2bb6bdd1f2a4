"""`python -m daigou.embedded.demo`: seeds the demo market once and keeps its logins for the next start."""

import importlib
import json
import os

from daigou.core.config import Config
from daigou.embedded.home import Home, write_private

SEED = "daigou.demo"


def main() -> None:
    home, config = Home.at(), Config.from_env(os.environ)
    if home.logins_file.exists():
        return
    if not config.is_sandbox or not config.database_url.endswith(str(home.sockets)):
        print("No demo market: a provider is real, or the database is not ours.")
        return
    seed_once = getattr(importlib.import_module(SEED), "seed_once", None)
    if seed_once is None:
        print(f"{SEED}.seed_once is not there yet: nothing to seed")
        return
    write_private(home.logins_file, json.dumps(seed_once(config), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
