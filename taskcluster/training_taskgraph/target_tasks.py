"""Which tasks a graph is for; Taskgraph adds what they depend on."""

from taskgraph.target_tasks import register_target_task

from training_taskgraph.parameters import IMAGES, training_config

TESTS = "test"  # the kind of the project's own checks
# Stages that come after the end of the pipeline, because they take what it makes, and belong to it.
AFTER = {"all-pipeline": {"upload"}}


def of_kind(full_task_graph, *kinds):
    return [label for label, task in full_task_graph.tasks.items() if task.kind in kinds]


@register_target_task("train")
def target_stage(full_task_graph, parameters, graph_config):
    """A training: the tasks of the config's target stage."""
    stage = training_config(parameters)["target-stage"]
    stages = {label: task.attributes.get("stage") for label, task in full_task_graph.tasks.items()}
    if stage not in stages.values():
        raise Exception(f"target-stage: no task of this config belongs to the stage {stage!r}")
    return [label for label, found in stages.items() if found in {stage, *AFTER.get(stage, ())}]


@register_target_task("tests")
def tests(full_task_graph, parameters, graph_config):
    """A pull request of somebody unknown: checks of the code."""
    return of_kind(full_task_graph, TESTS)


@register_target_task("pull-request")
def pull_request(full_task_graph, parameters, graph_config):
    """A pull request: checks of the code, and all steps of the pipeline."""
    return tests(full_task_graph, parameters, graph_config) + target_stage(full_task_graph, parameters, graph_config)


@register_target_task("push")
def push(full_task_graph, parameters, graph_config):
    """A push to main: checks, and all images, so that pull requests find them in the index. Never the pipeline."""
    return of_kind(full_task_graph, TESTS, IMAGES)
