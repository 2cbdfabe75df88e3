"""Makes one task for every dataset, chunk or teacher that a kind names in `for-each`, and fills in the task's name."""

from typing import Optional

from taskgraph.transforms.base import TransformSequence
from taskgraph.util.copy import deepcopy
from taskgraph.util.schema import Schema

from training_taskgraph.bindings import combinations
from training_taskgraph.facts import facts
from training_taskgraph.parameters import training_config
from training_taskgraph.placeholders import Placeholders


class ForEachSchema(Schema, forbid_unknown_fields=False, kw_only=True):
    # The name of the task after its kind's, a template: {src}-{trg}.
    name: str
    # The facts that must all hold for there to be the task.
    when: Optional[list[str]] = None
    # The axes of which every combination gives a task. Without it there is one task.
    for_each: Optional[list[str]] = None


transforms = TransformSequence()
transforms.add_validate(ForEachSchema)


@transforms.add
def make_a_task_for_each(config, tasks):
    training = training_config(config.params)
    known = facts(training)
    for template in tasks:
        axes = template.pop("for-each", [])
        if not all(known[fact] for fact in template.pop("when", [])):
            continue
        for bindings in combinations(training, axes):
            task = deepcopy(template)
            task["bindings"] = bindings
            (task["name"],) = Placeholders(training, bindings).texts(task["name"])
            yield task
