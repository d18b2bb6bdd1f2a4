"""`python -m daigou.life`: plays what has not been played yet, with the logins that the demo market left."""

from __future__ import annotations

import logging
import os

import httpx

from daigou.app import create_app
from daigou.core.config import Config
from daigou.core.errors import Refusal
from daigou.embedded.home import Home, read_json
from daigou.journey.browser import Astray
from daigou.providers.payment import Trouble

from .company import Company
from .diary import Diary
from .scenes import SCENES, Scene

log = logging.getLogger("daigou.life")


def main() -> None:
    home, config = Home.at(), Config.from_env(os.environ)
    if not config.is_sandbox or not home.logins_file.exists():
        return
    logins = read_json(home.logins_file)
    if not any(login["email"].startswith("officer2@") for login in logins):
        return  # a market of an earlier version
    company = Company(config.base_url, config.easypost_api_url, logins)
    with create_app(config).app_context():
        play(company, Diary(home.folder / "demo-life.json"))


def play(company: Company, diary: Diary) -> None:
    for scene in SCENES:
        if diary.begin(scene.__name__):
            _play(company, scene)


def _play(company: Company, scene: Scene) -> None:
    """A scene that goes astray is said, and the others follow: a visitor may have acted in between."""
    words = scene.__name__.replace("_", " ")
    try:
        scene(company)
    except (Astray, Refusal, httpx.HTTPError, Trouble) as astray:
        # What stood on the page is left out: pages name people.
        log.warning("the demo could not play that %s: %s", words, str(astray).partition("Skip to")[0][:300])
    else:
        log.info("the demo played that %s", words)


if __name__ == "__main__":
    main()
