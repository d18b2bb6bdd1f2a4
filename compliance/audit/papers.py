"""Documents within a bundle. The room that keeps them stands above this one, and says here how they are opened."""

from collections.abc import Callable, Iterable, Iterator

Opener = Callable[[list[str], str], Iterator[tuple[str, Iterable[bytes]]]]
"""Of streams `document/<id>` and an export's reference: (SHA-256 in hex, plain bytes) of each that is still kept. Each
opening stands in the log before the first byte is read."""

_opener: list[Opener] = []


def register(opener: Opener) -> None:
    """The documents room, when it is imported."""
    _opener[:] = [opener]


def opened(streams: list[str], ref: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The documents that these streams are about."""
    return _opener[0](streams, ref) if _opener else iter(())
