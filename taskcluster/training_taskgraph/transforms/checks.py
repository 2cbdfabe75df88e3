"""Turns what the kind `test` says of a check, targets of the Makefile and the files that it covers, into a task.

The image has all that the Makefile would install, so that it is told to install nothing.
"""

from taskgraph.transforms.base import TransformSequence
from taskgraph.util.schema import Schema

from training_taskgraph.trust import is_pull_request, is_untrusted

TWO_HOURS = 7200


class CheckSchema(Schema, kw_only=True):
    # The name of the task after its kind's.
    name: str
    # What the check does, for people.
    description: str
    # Targets of the Makefile, which stop at the first one that fails.
    make: str
    # Patterns of files (as of Taskgraph's `skip-unless-changed`).
    covers: list[str]
    task_from: str


transforms = TransformSequence()
transforms.add_validate(CheckSchema)


@transforms.add
def make_run_task(config, checks):
    for check in checks:
        yield {
            "name": check["name"],
            "task-from": check["task-from"],
            "description": check["description"],
            "worker-type": "tests",
            "attributes": {"retrigger": True},
            "tags": {"retrigger": "true"},
            # Without a comparison of two revisions, as on a push, nothing is skipped.
            "optimization": {"skip-unless-changed": check["covers"]} if is_pull_request(config.params) else None,
            "run": {
                "using": "run-task",
                "command": f"make INSTALLED=yes {check['make']}",
                "cwd": "{checkout}",
                "use-caches": [] if is_untrusted(config.params) else ["checkout"],
            },
            "worker": {"docker-image": {"in-tree": "test"}, "max-run-time": TWO_HOURS},
            "treeherder": {"kind": "test", "platform": "checks/opt", "symbol": f"test({check['name']})", "tier": 1},
        }
