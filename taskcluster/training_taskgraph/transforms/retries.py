"""How often the queue runs a task again after a worker was lost: spot workers are, several times in a training of weeks.

Taskgraph's task schema does not have the field, so it is set on the finished definition. The queue's maximum is 49.
"""

from taskgraph.transforms.base import TransformSequence

RETRIES = 49

transforms = TransformSequence()


@transforms.add
def set_retries(config, tasks):
    for task in tasks:
        task["task"]["retries"] = RETRIES
        yield task
