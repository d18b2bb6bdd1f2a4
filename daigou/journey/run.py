"""The whole journey, in order."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from .acts import aftersales, parcel, proof, qualification, staff, trade, warehouse
from .browser import Astray
from .people import Cast
from .stage import Stage
from .story import Story

ACTS: tuple[Callable[[Stage], None], ...] = (
    staff.come_in,
    qualification.apply,
    qualification.review,
    qualification.onboard,
    trade.list_item,
    trade.browse_and_quote,
    trade.order,
    trade.ask_for_item,
    trade.purchase,
    warehouse.receive_and_inspect,
    warehouse.accept,
    parcel.build,
    parcel.ship,
    aftersales.give_back,
    parcel.follow,
    proof.export_and_verify,
    proof.balance,
)


def refuse_real_providers(base_url: str) -> None:
    """Astray unless the deployment itself says that all its providers are the sandbox."""
    try:
        answer = httpx.get(f"{base_url}/readyz", timeout=15).json()
    except (httpx.HTTPError, ValueError) as error:
        raise Astray(f"nothing of ours answers at {base_url}: {error}") from error
    if answer.get("sandbox") is not True:
        raise Astray(f"{base_url} has real providers: the journey makes people and orders")


def run(base_url: str, say: Callable[[str], None], invite: Callable[[str], str]) -> Stage:
    """Runs every act. ``invite`` makes the first admin as `daigou admin create` does; answers the invitation's path."""
    refuse_real_providers(base_url)
    story = Story(say)
    cast = Cast(base_url)
    stage = Stage(cast, story, invite(cast.address("admin")))
    for act in ACTS:
        act(stage)
    say(f"\n{story.count} steps held, in {story.seconds:.1f} s.")
    return stage
