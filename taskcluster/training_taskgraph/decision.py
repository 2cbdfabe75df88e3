"""What a decision task is for, by what has happened: the parameters that Taskgraph cannot know."""

from typing import Any

from training_taskgraph import training_config as config_format
from training_taskgraph.parameters import DEFAULT_CONFIG

# Which tasks are wanted (target_tasks.py), by `tasks_for`. A cron job says it itself; an action makes its own parameters.
TARGET_TASKS = {
    "github-pull-request": "pull-request",
    "github-pull-request-untrusted": "tests",
    "github-push": "push",
}
# By `tasks_for`, where not all that the index has may stand in for a task (optimization.py).
STRATEGIES = {"cron": "training_taskgraph.optimization:images_only"}


def decision_parameters(graph_config: Any, parameters: dict[str, Any]) -> None:
    """Completes the parameters of `taskgraph decision`; called by Taskgraph, as config.yml says."""
    tasks_for = parameters["tasks_for"]
    parameters["training_config"] = config_format.load_file(DEFAULT_CONFIG).config
    if tasks_for in TARGET_TASKS:
        parameters["target_tasks_method"] = TARGET_TASKS[tasks_for]
    parameters["optimize_strategies"] = STRATEGIES.get(tasks_for)
    # Otherwise every image would be built for every pull request, whether a task of it needs the image or not.
    parameters["enable_always_target"] = False
