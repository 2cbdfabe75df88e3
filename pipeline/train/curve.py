"""The learning curve, read from Marian's validation log."""

import re
from pathlib import Path
from typing import Any

# [2026-01-31 12:00:00] [valid] Ep. 1 : Up. 200 : chrf : 31.4 : new best
VALIDATION = re.compile(r"\[valid\].* Up\. (\d+) : ([\w-]+) : (-?[\d.]+(?:e[+-]?\d+)?|nan|inf)")


def read_curve(log: Path) -> list[dict[str, Any]]:
    """Every validation as {"update", "metric", "value"}, in the order of updates; a resumed run's repeats replace the first ones."""
    values: dict[tuple[int, str], float] = {}
    for match in VALIDATION.finditer(log.read_text(encoding="utf-8") if log.is_file() else ""):
        values[int(match[1]), match[2]] = float(match[3])
    return [{"update": update, "metric": metric, "value": value} for (update, metric), value in sorted(values.items())]
