"""Which tasks a training is for: those of its target stage. Taskgraph adds what they depend on."""

from taskgraph.target_tasks import register_target_task

from training_taskgraph.parameters import training_config


@register_target_task("train")
def target_stage(full_task_graph, parameters, graph_config):
    stage = training_config(parameters)["target-stage"]
    labels = [label for label, task in full_task_graph.tasks.items() if task.attributes.get("stage") == stage]
    if not labels:
        raise Exception(f"target-stage: no task of this config belongs to the stage {stage!r}")
    return labels
