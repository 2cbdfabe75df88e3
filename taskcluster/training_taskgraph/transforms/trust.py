"""Takes from the tasks of an untrusted pull request what others would find of them: their places in the index.

Taskgraph puts what a pull request makes into the index for all pull requests. An image that was built from unknown code would then run the
tasks of people who may push.
"""

from taskgraph.transforms.base import TransformSequence

from training_taskgraph.trust import is_untrusted

transforms = TransformSequence()


@transforms.add
def leave_the_index_alone(config, tasks):
    for task in tasks:
        if is_untrusted(config.params):
            task["task"]["routes"] = [route for route in task["task"]["routes"] if not route.startswith("index.")]
        yield task
