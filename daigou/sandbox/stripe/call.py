"""What an endpoint is told of the request it answers."""

from dataclasses import dataclass

from daigou.sandbox.stripe.params import Params


@dataclass(frozen=True)
class Call:
    """`account` is the connected account of the Stripe-Account header, None on the platform's own behalf."""

    params: Params
    ids: dict[str, str]
    path: str
    account: str | None
