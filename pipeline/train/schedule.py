"""The schedule of a curriculum: which data sets OpusTrainer mixes in which stage, and until when.

A stage is a list of `DATASET WEIGHT` and, last, `until DATASET EPOCHS`, as OpusTrainer reads it:
https://github.com/hplt-project/OpusTrainer#curriculum
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pipeline.common.script import StepError

DATASETS = ("original", "backtranslated")


def schedule_for(schedule: Mapping[str, Any], given: Collection[str]) -> dict[str, Any]:
    """The schedule with the data sets that are given; the weights of a stage's others are scaled to sum 1, and a stage without any is gone.

    Raises StepError where the schedule names a data set that does not exist, where no stage is left, and where a data set is given that no
    stage reads.
    """
    mixes = {stage: mix_of(stage, schedule[stage], given) for stage in schedule["stages"]}
    kept = {stage: mix for stage, mix in mixes.items() if mix}
    if not kept:
        raise StepError(f"no stage of the curriculum trains on {' or '.join(given)}")
    read = {line.split()[0] for mix in kept.values() for line in mix}
    if unread := sorted(set(given) - read):
        raise StepError(f"no stage of the curriculum trains on {' or '.join(unread)}: leave it away, or choose another curriculum")
    return {"stages": list(kept), **kept}


def mix_of(stage: str, lines: Sequence[str], given: Collection[str]) -> list[str]:
    """A stage with the data sets that are given, empty where there is none.

    A stage that ends after epochs of a data set that is not given ends after as many of the first one that is.
    """
    *entries, (_, watched, epochs) = (line.split() for line in lines)
    weights = {name: float(weight) for name, weight in entries}
    for name in (*weights, watched):
        if name not in DATASETS:
            raise StepError(f"stage {stage} of the curriculum: there is no data set {name!r}; there are {', '.join(DATASETS)}")
    left = {name: weight for name, weight in weights.items() if name in given}
    if not left:
        return []
    total = sum(left.values())
    watched = watched if watched in left else next(iter(left))
    return [*(f"{name} {weight / total:g}" for name, weight in left.items()), f"until {watched} {epochs}"]
