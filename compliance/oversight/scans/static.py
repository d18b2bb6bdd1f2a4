"""The result of a static analysis that CI made: the code's checker does not run where the shop runs."""

from __future__ import annotations

import json
from typing import Any

from .form import NotScanned, Result, Weakness


def read(report: str) -> Result:
    """SARIF 2.1.0, as most checkers write it (``ruff check --select S --output-format sarif``); NotScanned if not."""
    try:
        runs = json.loads(report)["runs"]
        found = [_weakness(result) for run in runs for result in run["results"]]
        tools = ", ".join(run["tool"]["driver"]["name"] for run in runs)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise NotScanned("this is no SARIF report") from error
    if not tools:
        raise NotScanned("this SARIF report holds no run")
    return Result(f"report of {tools}", found)


def _weakness(result: dict[str, Any]) -> Weakness:
    place = result["locations"][0]["physicalLocation"]
    line = place.get("region", {}).get("startLine", "")
    return Weakness(
        f"{place['artifactLocation']['uri']}:{line}", f"{result['ruleId']}: {result['message']['text']}"[:300]
    )
