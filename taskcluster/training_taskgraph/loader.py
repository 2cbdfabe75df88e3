"""The loader of every kind whose tasks are steps: the transforms they all pass through stand here, once."""

from taskgraph.loader.transform import loader as transform_loader

STEP_TRANSFORMS = [
    "training_taskgraph.transforms.for_each:transforms",
    "training_taskgraph.transforms.step:transforms",
    "taskgraph.transforms.run:transforms",
    "taskgraph.transforms.cached_tasks:transforms",
    "taskgraph.transforms.task:transforms",
    "training_taskgraph.transforms.retries:transforms",
    "training_taskgraph.transforms.existing_tasks:transforms",
    "training_taskgraph.transforms.trust:transforms",
]


def step_loader(kind, path, config, params, loaded_tasks, write_artifacts):
    config["transforms"] = STEP_TRANSFORMS
    return transform_loader(kind, path, config, params, loaded_tasks, write_artifacts)
