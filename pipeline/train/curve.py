"""The learning curve, read from Marian's validation log."""

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# [2026-01-31 12:00:00] [valid] Ep. 1 : Up. 200 : chrf : 31.4 : new best
VALIDATION = re.compile(r"\[valid\].* Up\. (\d+) : ([\w-]+) : (-?[\d.]+(?:e[+-]?\d+)?|nan|inf)")


def read_validations(log: Path) -> list[tuple[int, str, float]]:
    """(update, metric, value) of every validation, in the order in which Marian made them; a run that was resumed may repeat some."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return [(int(match[1]), match[2], float(match[3])) for match in VALIDATION.finditer(text)]


def read_curve(log: Path) -> list[dict[str, Any]]:
    """Every validation as {"update", "metric", "value"}, in the order of updates; a resumed run's repeats replace the first ones."""
    values = {(update, metric): value for update, metric, value in read_validations(log)}
    return [{"update": update, "metric": metric, "value": value} for (update, metric), value in sorted(values.items())]


def best_value(values: Iterable[tuple[int, float]], metric: str) -> tuple[int, float] | None:
    """The (update, value) whose checkpoint Marian keeps: the lowest value of a cost, the highest of a score; the first of equals."""
    lower_is_better = metric.startswith(("ce-", "cross-entropy", "perplexity"))
    numbers = (row for row in values if not math.isnan(row[1]))
    return min(numbers, key=lambda row: row[1] if lower_is_better else -row[1], default=None)
