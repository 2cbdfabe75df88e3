"""The action `rebuild-docker-images`: images as they are built today, with what the distribution has mended since."""

from taskgraph.actions.registry import register_callback_action
from taskgraph.actions.util import create_tasks, fetch_graph_and_labels

from training_taskgraph.parameters import IMAGES


@register_callback_action(
    name="rebuild-docker-images",
    title="Rebuild docker images",
    symbol="images",
    description="Builds docker images anew and puts them into the index in place of those that are there. Nothing is trained again for it.",
    order=1000,
    context=[],
    permission="rebuild-docker-images",
    schema={
        "type": "object",
        "properties": {
            "images": {
                "title": "Images",
                "description": "Names of images, such as `train`; all where none is named. The parent of an image is built with it.",
                "type": "array",
                "items": {"type": "string"},
                "default": [],
            }
        },
        "additionalProperties": False,
    },
)
def rebuild_docker_images(parameters, graph_config, given, task_group_id, task_id):
    decision_task_id, graph, label_to_taskid = fetch_graph_and_labels(parameters, graph_config, task_group_id=task_group_id)
    images = {label.removeprefix(f"{IMAGES}-"): label for label, task in graph.tasks.items() if task.kind == IMAGES}
    names = (given or {}).get("images") or list(images)
    unknown = sorted(set(names) - set(images))
    if unknown:
        raise Exception(f"no image is called {', '.join(unknown)}; there are {', '.join(sorted(images))}")
    labels = graph.graph.transitive_closure({images[name] for name in names}).nodes
    create_tasks(graph_config, labels, graph, label_to_taskid, parameters, decision_task_id)
