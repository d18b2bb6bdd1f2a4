"""Sets of codes, written as one readable text."""


def words(*lines: str) -> frozenset[str]:
    """`words("eur usd", "gbp")` is the set of the three."""
    return frozenset(word for line in lines for word in line.split())
