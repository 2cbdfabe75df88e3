"""Which tasks a training is for: those of its target stage. Taskgraph adds what they depend on."""

from taskgraph.target_tasks import register_target_task

from training_taskgraph.parameters import training_config

# Stages that come after the end of the pipeline, because they take what it makes, and belong to it.
AFTER = {"all-pipeline": {"upload"}}


@register_target_task("train")
def target_stage(full_task_graph, parameters, graph_config):
    stage = training_config(parameters)["target-stage"]
    stages = {label: task.attributes.get("stage") for label, task in full_task_graph.tasks.items()}
    if stage not in stages.values():
        raise Exception(f"target-stage: no task of this config belongs to the stage {stage!r}")
    return [label for label, found in stages.items() if found in {stage, *AFTER.get(stage, ())}]
