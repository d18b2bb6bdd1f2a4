"""One running stack for the whole matrix. Asked for by name it runs whole, else what stands for each kind."""

from __future__ import annotations

import time

import pytest

from .patience import HEALED_WITHIN
from .promises import broken
from .shop import Shop

_shops: list[Shop] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = any("faults" in str(argument) for argument in config.invocation_params.args)
    ours = [item for item in items if "tests/faults/" in item.path.as_posix()]
    for item in ours:
        item.add_marker(pytest.mark.slow)
    if asked:
        return
    left_out = [item for item in ours if item.get_closest_marker("everyday") is None]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_terminal_summary(terminalreporter) -> None:
    for shop in _shops:
        terminalreporter.section("faults tried")
        for what, count in sorted(shop.tried.items()):
            terminalreporter.write_line(f"{count:6d}  {what}")
        terminalreporter.write_line(f"slowest healing: {shop.slowest:.1f} s")


@pytest.fixture(scope="session")
def running():
    shop = Shop()
    _shops.append(shop)
    with shop.app.app_context():
        shop.open_market()
    yield shop
    shop.close()


@pytest.fixture
def shop(running: Shop):
    """The stack, healthy before and proved healthy after."""
    with running.app.app_context():
        running.at_rest()
        yield running
        running.mend()
        running.at_rest()
        found = settled(running)
        assert found == [], "\n".join(found)


def settled(shop: Shop) -> list[str]:
    """What is broken when everything has come to rest: looked at again before it is called so."""
    until = time.monotonic() + HEALED_WITHIN
    while found := shop.ask(lambda: broken(shop)):
        if time.monotonic() > until:
            break
        time.sleep(0.5)
        shop.at_rest()
    return found
