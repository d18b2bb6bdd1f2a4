"""A whole stack under its supervisor, and what a test does with it."""

from __future__ import annotations

import json
from collections import defaultdict

from daigou.app import create_app
from daigou.core.config import Config
from daigou.core.db import db
from daigou.embedded.stack import WholeStack
from tests import factories

from .life import Life
from .merchants import Seller
from .patience import Patience
from .people import People
from .points import Points
from .provider import NEW_SECRET, OLD_SECRET, Provider
from .servers import Servers
from .tried import Tried

GIVEN = {
    "STRIPE_WEBHOOK_SECRET": f"{NEW_SECRET} {OLD_SECRET}",
    "PROVIDER_SECONDS": "1.5",
    "CARRIER_SECONDS": "1.5",
    "SHOPPER_BALANCE": "1",
    "GRANIAN_RESPAWN_INTERVAL": "0.1",
}


# Payments of nobody's tests: what a bank takes in one life must not leave the provider short of another's payout, for
# that waits until somebody tops it up, as it should.
CUSHION = 3


class Shop(People, Patience):
    """``tried`` counts what was done to it and by whom; ``answered`` is what a 2xx or 3xx promised somebody: the values
    that must be there, by table and column."""

    def __init__(self) -> None:
        self.tried = Tried()
        self.answered: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.whole = WholeStack()
        self.whole.home.prepare()
        self.points = Points(self.whole.home.folder / "faults", self.tried)
        self.whole.home.logins_file.write_text("[]")  # no demo market
        self.whole.given = {**GIVEN, "DAIGOU_FAULTS": str(self.points.folder)}
        self.whole.start()
        self.settings = json.loads(self.whole.home.env_file.read_text())
        self.app = create_app(Config.from_env({**self.settings, "SHOPPER_BALANCE": "1"}))
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.provider = Provider(self.settings, self.whole.base_url, self.tried)
        self.servers = Servers(self)

    def close(self) -> None:
        self.provider.close()
        with self.app.app_context():
            self.forget_connections()
        self.app.extensions["redis"].close()
        self.whole.stop()

    def forget_connections(self) -> None:
        db.engine.dispose()
        self.app.extensions["keystore_engine"].dispose()

    def mend(self) -> None:
        """Whatever is armed and was not met."""
        self.points.disarm()
        self.provider.mend()

    # ---- the market

    def open_market(self) -> None:
        """One merchant who can be paid out, and some money of ours at the provider."""
        factories.rates()
        opened = Seller(self).ready()
        self.merchant, self.owner, self.seller = opened.merchant, opened.owner, opened.browser
        for _ in range(CUSHION):
            self.order().paid()
        assert self.provider.events()  # from here on only the new ones are asked for

    def listing(self, merchant=None, **more):
        return factories.listing(merchant or self.merchant, **more)

    def order(self, account=None, listing=None, merchant=None) -> Life:
        """One order's life, from a quote of one thing on."""
        return Life(self, account or self.shopper(), listing or self.listing(merchant, stock=50), merchant)

    def promised(self, table: str, column: str, value: str) -> None:
        self.answered[table, column].add(value)
